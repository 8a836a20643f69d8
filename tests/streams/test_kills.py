"""Workers that are stopped or killed in the middle of folding, at any moment, leave nothing that the next cannot go on
from.
"""

import signal
from functools import partial
from random import Random
from typing import Any

from confluent_kafka.admin import AdminClient

from dompet.streams.warehouse import Warehouse
from tests.model import Model, Rulebook
from tests.streams.log_reader import read_log
from tests.support.crowd import crowd
from tests.support.folding import ENTITLES, SUPPORTED, Modelling, differences
from tests.support.logs import as_record, corpus, expected_journal, made_log, write
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.stored import as_orders, as_wallets, shown, stored_rows, types_of
from tests.support.warehouses import opened
from tests.support.workers import until, worker

BATCH = 40
ENDINGS = {"embedded": [signal.SIGKILL, signal.SIGKILL], "server": [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]}


def has_stored(enough: int, health: dict[str, Any]) -> bool:
    """Whether a worker says that it stored so many records."""
    return bool(health["records"] >= enough)


def assert_checkpoints_hold(warehouse: Warehouse) -> int:
    """No checkpoint vouches for a row that the journal has not; how many rows it has."""
    below = "SELECT partition, count() AS total_rows FROM journal_rows FINAL WHERE {} GROUP BY partition"
    checkpoints = shown(warehouse, "SELECT * FROM checkpoints ORDER BY partition")
    places = [f"(partition = {one['partition']} AND offset < {one['next_offset']})" for one in checkpoints]
    counted = shown(warehouse, below.format(" OR ".join(places)) + " ORDER BY partition")
    assert [row["total_rows"] for row in counted] == [one["total_rows"] for one in checkpoints]
    assert [row["total_rows"] for row in counted] == [one["next_offset"] for one in checkpoints]
    [rows] = shown(warehouse, "SELECT count() AS n FROM journal")
    return int(rows["n"])


def test_the_journal_is_that_of_a_worker_that_nobody_disturbed(
    kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker, warehouse_kind: str, warehouse_url: str
) -> None:
    rng, model, stored = Random(5), Model(Rulebook.load(), SUPPORTED, entitlement=ENTITLES), 0
    with made_log(kafka_admin) as topic:
        write(kafka, topic, [*map(as_record, crowd(5, 10)), *corpus(), *map(as_record, crowd(6, 3))])
        expected = expected_journal(read_log(kafka, topic), corpus(), Modelling(model))
        for number, ending in enumerate(ENDINGS[warehouse_kind]):
            # A group of its own: the killed one's would wait until the broker misses its member.
            with worker(settings_for(topic, warehouse_url, batch=BATCH, group=f"killed-{number}")) as run:
                enough = rng.randint(1, len(expected) // 6)
                until(run, partial(has_stored, enough))
                code = run.end(ending)
            assert code == (0 if ending is signal.SIGTERM else -ending), run.stderr
            with opened(warehouse_url) as warehouse:
                before, stored = stored, assert_checkpoints_hold(warehouse)
            assert before < stored < len(expected), "it was not stopped in the middle"
        fold_to_end(settings_for(topic, warehouse_url))
        with opened(warehouse_url) as warehouse:
            assert assert_checkpoints_hold(warehouse) == len(expected)
            assert differences(stored_rows(warehouse), expected) == []
            wallets = as_wallets(model, types_of(warehouse, "wallets"))
            assert shown(warehouse, "SELECT * FROM wallets ORDER BY beneficiary_id") == wallets
            by_key = "ORDER BY beneficiary_id, platform_id, order_id"
            orders = as_orders(model, types_of(warehouse, "orders"))
            assert shown(warehouse, f"SELECT * FROM orders {by_key}") == orders
