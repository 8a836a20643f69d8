"""The rivals that store: their journal is dompet's, row by row, and the part `storing` measures both."""

from dataclasses import replace
from pathlib import Path

import pytest
from clickhouse_driver import Client
from confluent_kafka import Producer

from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.migrate import migrate
from tests.bench.contestants import build_rivals
from tests.bench.publish import publish
from tests.bench.quickly import said_by
from tests.bench.storing import RIVALS, compete, different
from tests.bench.storing_rival import make_table
from tests.bench.test_rivals import mixed
from tests.support.clickhouse import ClickHouseServer
from tests.support.kafka import LogTopicMaker

pytestmark = pytest.mark.server


def test_every_rival_stores_the_rows_that_dompet_stores(kafka: str, log_topic: LogTopicMaker, tmp_path: Path) -> None:
    build_rivals()
    events, topic = mixed(), log_topic()
    log = publish(kafka, topic, events, len(events))
    producer = Producer({"bootstrap.servers": kafka})
    dead = [(b"b-1", b"not an event"), (None, b""), (b"b-2", b"\0\0\0\x03\xe9")]
    for key, value in dead:
        producer.produce(topic, value, key)
    assert producer.flush(30) == 0
    found = compete(replace(log, events=log.events + len(dead)), tmp_path, 1)
    assert found.differences == []
    assert found.rivals.keys() == RIVALS.keys() and found.ratio > 0
    assert [run.events for runs in found.rivals.values() for run in runs] == [found.events] * len(RIVALS)


def test_another_value_and_another_row_are_differences(tmp_path: Path) -> None:
    insert = "INSERT INTO {}.journal_rows (partition, offset, outcome, balance_after, score) VALUES"
    with ClickHouseServer(tmp_path) as server, Client.from_url(server.url) as client:
        warehouse = open_warehouse(server.url)
        migrate(warehouse)
        warehouse.close()
        make_table(client)
        rows = [(0, 0, "accepted", 5, None), (0, 1, "rejected", 5, 7)]
        for database in ("default", "rival"):
            client.execute(insert.format(database), rows)
        assert different(client) == []
        client.execute(insert.format("rival"), [(0, 0, "accepted", 4, 0)])
        assert different(client) == ["score of 1 record differs", "balance_after of 1 record differs"]
        client.execute(insert.format("rival"), [(1, 0, "accepted", 4, 0)])
        assert different(client)[0] == "1 record in one journal only"


def test_the_part_is_measured_and_judged() -> None:
    said = said_by("storing")
    for words in ("Kafka Streams and Connect", "all tables are equal, row by row", "at least 5 are wanted"):
        assert words in said
