"""A rebuild may be killed anywhere and goes on; what it makes holds against the log; a dry run says what it will do."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from rich.console import Console

from dompet.streams.catalogue.feed import CatalogueFeed
from dompet.streams.rebuild.dry_run import Change, DryRun, dry_run
from dompet.streams.rebuild.dry_run_page import dry_run_page
from dompet.streams.rebuild.wallets import AMOUNTS, Amount, Example, Wallets
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.client import warehouse_client
from dompet.streams.warehouse.operator_tables import quoted
from tests.support.crowd import crowd
from tests.support.modelled import ModelledLog, assert_whole, modelled_log, with_bad_records
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.rebuilding import OTHER_RULES, databases, live, rebuilt, states, without_generations
from tests.support.stored import delete
from tests.support.verifying import verified
from tests.support.warehouses import plain, rows_of
from tests.support.workers import environment

BATCH = 120
ROOT = Path(__file__).parents[3]

KILLED = """
import os, signal, sys
from dompet.streams.rebuild.run import rebuild
from dompet.streams.settings import read_settings

def progress(done, total):
    if done >= int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

rebuild(read_settings(), lambda sentence: None, progress)
"""


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    with modelled_log(kafka, kafka_admin, with_bad_records(crowd(31, 8))) as log:
        yield log


@pytest.fixture
def settings(log: ModelledLog, warehouse_url: str, settings_for: SettingsMaker) -> Iterator[Settings]:
    """For a folded log in a warehouse of each kind in turn."""
    settings = settings_for(log.topic, warehouse_url, batch=BATCH)
    with without_generations(warehouse_url):
        fold_to_end(settings)
        yield settings


def killed_at(settings: Settings, records: int) -> None:
    """A rebuild that is killed with -9 as soon as so many records are stored."""
    command = [sys.executable, "-c", KILLED, str(records)]
    ran = subprocess.run(command, env=environment(settings), cwd=ROOT, timeout=60, check=False)
    assert ran.returncode == -signal.SIGKILL


def test_a_rebuild_that_is_killed_again_and_again_goes_on_to_a_journal_that_verify_confirms(
    settings: Settings, log: ModelledLog
) -> None:
    with live(settings) as warehouse:
        delete(warehouse, "order_rows", "1")
    assert not verified(settings).holds
    whole = len(log.records)
    for records in (0, 1, whole // 2, whole):
        killed_at(settings, records)
        with live(settings) as warehouse:
            assert states(warehouse) == {1: "live", 2: "building"}
    switched = rebuilt(settings)
    assert (switched.number, switched.earlier) == (2, (1,))
    with live(settings) as warehouse:
        assert_whole(warehouse, log)
    report = verified(settings)
    assert report.holds, report.differences
    assert report.records == whole


def test_a_rebuild_by_other_rules_drops_what_a_killed_one_began_by_these(settings: Settings, log: ModelledLog) -> None:
    killed_at(settings, len(log.records) // 2)
    other = settings.changed(rules=OTHER_RULES)
    assert (rebuilt(other).number, verified(other).holds) == (3, True)
    with live(settings) as warehouse:
        assert states(warehouse) == {1: "kept", 2: "discarded", 3: "live"}
        assert f"{warehouse.public}_g2" not in databases(warehouse)


def test_a_dry_run_says_what_the_rebuild_then_does(settings: Settings, log: ModelledLog) -> None:
    other = settings.changed(rules=OTHER_RULES)
    with live(settings) as warehouse:
        before = databases(warehouse)
    said = dry_run(other, lambda done, total: None)
    with live(settings) as warehouse:
        assert databases(warehouse) == before  # nothing was written
    assert (said.events, said.missing) == (len(log.records), 0)
    with warehouse_client(settings) as ask:
        assert ask.read("SELECT count() AS n FROM journal")["n"].to_pylist() == [len(log.records)]
    rebuilt(other)
    with live(other) as warehouse:
        old, new = ({(row["partition"], row["offset"]): row for row in endings(warehouse, place)} for place in "12")
        found = Counter((row["type"], ending(old[at]), ending(row)) for at, row in new.items())
        changed = {names: events for names, events in found.items() if names[1] != names[2]}
        assert {(one.type, one.before, one.after): one.events for one in said.changes} == changed
        assert changed
        for amount in said.wallets.amounts:
            sums = [total(warehouse, place, amount.column) for place in "12"]
            assert [amount.before, amount.after] == sums
        assert {amount.column for amount in said.wallets.amounts} == set(AMOUNTS)
    again = dry_run(other, lambda done, total: None)
    assert (again.changes, again.same_outcome, again.wallets.changed) == ([], 0, 0)


def test_a_dry_run_shows_money_and_times_as_people_read_them() -> None:
    before = {"spent": 1_500, "spend_by_us": 1_608_051_599_999_999, "first_purchase_due_us": 0}
    wallets = Wallets(1, 1, 1, [Amount("spent", 1, 1_500, 900)], [Example("b-1", before, {**before, "spent": 900})])
    console = Console(width=100, file=StringIO())
    console.print(dry_run_page(DryRun(2, 0, [Change("CoursePurchased", "accepted", "no_rules", 1)], 0, wallets)))
    lines = [line.split("  ") for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert ["CoursePurchased", "accepted", "no_rules", "1"] in cells
    assert ["spent", "1", "Rp 1.500", "Rp 900", "-Rp 600"] in cells
    assert ["b-1", "spent", "Rp 1.500", "Rp 900"] in cells
    assert ["spend_by", "2020-12-15 16:59:59", "2020-12-15 16:59:59"] in cells
    assert ["first_purchase_due"] in cells


def place_of(warehouse: Warehouse, generation: str) -> str:
    return quoted({"1": warehouse.public, "2": warehouse.database}[generation])


def endings(warehouse: Warehouse, generation: str) -> list[dict[str, object]]:
    names = "partition, offset, CAST(type AS String) AS type, CAST(outcome AS String) AS outcome"
    sql = f"SELECT {names}, CAST(reason AS String) AS reason FROM {place_of(warehouse, generation)}.journal_rows FINAL"
    return rows_of(warehouse, sql)


def ending(row: dict[str, object]) -> object:
    return row["reason"] or row["outcome"]


def total(warehouse: Warehouse, generation: str, column: str) -> object:
    [row] = rows_of(warehouse, f"SELECT sum({column}) AS s FROM {place_of(warehouse, generation)}.wallet_rows FINAL")
    return row["s"]


OF_THEIR_OWN_TIME = {
    "checkpoint_rows": "where batches ended, and when",
    "migrations": "when tables were made",
    "view_rows": "and views",
}
"""Tables that a generation has of its own without being a function of the log."""


def test_every_table_that_a_rebuild_fills_is_made_of_the_topics_alone(settings: Settings) -> None:
    with live(settings) as warehouse:  # a worker keeps the catalogue, which other tests may have published by now
        feed = CatalogueFeed(settings.kafka_settings(), settings.topics.catalogue.name, warehouse)
        with closing(feed):
            while not feed.caught_up:
                feed.step()
    rebuilt(settings)
    with live(settings) as warehouse:
        engines = rows_of(warehouse, f"SELECT name, engine FROM system.tables WHERE database = '{warehouse.database}'")
        tables = {str(row["name"]) for row in engines if str(row["engine"]).endswith("MergeTree")}
        assert {"journal_rows", "wallet_rows", "order_rows", "chain_rows", "dead_letter_rows"} < tables
        for table in sorted(tables - OF_THEIR_OWN_TIME.keys()):
            before, after = (sorted(map(repr, every_row(warehouse, place, table))) for place in "12")
            assert before == after, table


def every_row(warehouse: Warehouse, generation: str, table: str) -> list[dict[str, object]]:
    return plain(warehouse.read(f"SELECT * FROM {place_of(warehouse, generation)}.{table} FINAL"))
