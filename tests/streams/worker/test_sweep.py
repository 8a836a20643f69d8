"""Deadlines on a real log: what is past one is revoked once, by the worker's timer or by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.warehouse import Warehouse, open_warehouse
from tests.projections.table_values import read_event
from tests.support.command import dompet
from tests.support.log_reader import read_log
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.stored import shown
from tests.support.warehouses import empty_warehouse
from tests.support.workers import run_to_end, until, worker

pytestmark = pytest.mark.server

PEOPLE = ("never-bought", "spent-in-part", "spent-all")
EVENTS = [
    read_event("e", words.split())
    for words in (
        "SaldoCredited never-bought 2020-05-01",
        "SaldoCredited spent-in-part 2020-05-01",
        "CoursePurchased spent-in-part 2020-05-02",
        "SaldoCredited spent-all 2020-05-01",
        "CoursePurchased spent-all 2020-05-02 price=3_000_000",
        "SaldoCredited still-has-time 2025-12-31",
    )
]
STATUSES = {"never-bought": "expired", "spent-in-part": "expired", "spent-all": "active", "still-has-time": "active"}
BY_PERSON = "SELECT beneficiary_id, status, balance, returned FROM wallets ORDER BY beneficiary_id"


@pytest.fixture
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        write(kafka, topic, map(as_record, EVENTS))
        yield topic


@pytest.fixture
def server_database(clickhouse_server: str) -> Iterator[str]:
    with empty_warehouse("server", clickhouse_server) as url:
        yield url


def statuses(warehouse: Warehouse) -> dict[str, str]:
    return {row["beneficiary_id"]: row["status"] for row in shown(warehouse, BY_PERSON)}


def test_the_timer_revokes_what_is_past_a_deadline_by_the_logs_time_and_says_it_once(
    kafka: str, topic: str, settings_for: SettingsMaker, server_database: str
) -> None:
    # The log's time is today; a grace of eleven months leaves the deadlines of past years alone past.
    settings = settings_for(topic, server_database, sweep_seconds=0.2, sweep_grace_seconds=30_000_000)
    with worker(settings) as run:
        until(run, lambda health: health["records"] == len(EVENTS) + 2)
        write(kafka, topic, [as_record(EVENTS[0] | {"event_id": "again"})])
        until(run, lambda health: health["records"] == len(EVENTS) + 3)
    revoked = [record for record in read_log(kafka, topic) if b"deadline-" in (record.value or b"")]
    assert len(revoked) == 2
    warehouse = open_warehouse(server_database)
    assert {person: statuses(warehouse)[person] for person in PEOPLE} == {one: STATUSES[one] for one in PEOPLE}
    said = "SELECT publisher_id, outcome, count() AS n FROM journal WHERE type = 'SaldoRevoked'"
    assert shown(warehouse, f"{said} GROUP BY publisher_id, outcome") == [
        {"publisher_id": "dompet", "outcome": "accepted", "n": 2}
    ]
    warehouse.close()


def test_a_worker_that_was_not_asked_to_sweep_revokes_nothing(
    topic: str, settings_for: SettingsMaker, server_database: str
) -> None:
    run_to_end(settings_for(topic, server_database))
    warehouse = open_warehouse(server_database)
    assert set(statuses(warehouse).values()) == {"active"}
    warehouse.close()


def test_by_hand_it_shows_first_then_publishes_and_again_changes_nothing(
    kafka: str, topic: str, settings_for: SettingsMaker, warehouse_url: str, tmp_path: Path
) -> None:
    settings = settings_for(topic, warehouse_url)
    run_to_end(settings)
    places = {"DOMPET_KAFKA": kafka, "DOMPET_WAREHOUSE": warehouse_url, "DOMPET_LOG_TOPIC": topic}

    def swept(*arguments: str) -> str:
        ran = dompet("sweep", "--as-of", "2020-12-16T00:00:00+07:00", *arguments, cwd=tmp_path, variables=places)
        assert ran.code == 0, ran.err
        return ran.out + ran.err

    dry = swept("--dry-run")
    assert "2 wallets past a deadline, with Rp 5.000.000 in them" in dry
    assert "never-bought  first_purchase_deadline" in dry
    assert "spent-in-part  spend_by" in dry
    assert len(read_log(kafka, topic)) == len(EVENTS)
    assert "2 wallets past a deadline" in swept()
    swept()
    run_to_end(settings)
    warehouse = open_warehouse(warehouse_url)
    assert statuses(warehouse) == STATUSES
    outcomes = "SELECT outcome, count() AS n FROM journal WHERE type = 'SaldoRevoked' GROUP BY outcome ORDER BY outcome"
    assert shown(warehouse, outcomes) == [{"outcome": "accepted", "n": 2}, {"outcome": "duplicate", "n": 2}]
    warehouse.close()
    assert "0 wallets past a deadline" in swept("--dry-run")


@pytest.mark.parametrize("as_of", ["tomorrow", "2020-12-16T00:00:00", "2020-13-01"])
def test_a_moment_that_is_none_is_reported_in_one_sentence(as_of: str, tmp_path: Path) -> None:
    ran = dompet("sweep", "--as-of", as_of, cwd=tmp_path)
    assert ran.code == 2
    assert ran.complaint.startswith(f"--as-of is '{as_of}': it must be a day")
