"""A rebuild rebuilds the journal from the log, beside the live one, and switches to it in one step."""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from confluent_kafka.admin import AdminClient
from rich.console import Console

from dompet.streams.answers.status import status
from dompet.streams.answers.status_page import status_page
from dompet.streams.kafka.admin import log_offsets
from dompet.streams.pipeline.resuming import JournalMismatch
from dompet.streams.rebuild.log import OtherLog
from dompet.streams.rebuild.run import NoEarlierGeneration, discard_old, go_back
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import OpenClient
from dompet.streams.warehouse.generations import Superseded
from dompet.streams.warehouse.operator_tables import quoted
from tests.support.crowd import crowd
from tests.support.folding import records
from tests.support.logs import as_record, made_log, write
from tests.support.modelled import ModelledLog, assert_whole, modelled_log, with_bad_records
from tests.support.pipelines import SettingsMaker, fold_to_end, running, step
from tests.support.rebuilding import (
    OTHER_RULES,
    STATEMENT,
    assert_shown_to_the_public,
    databases,
    live,
    rebuilt,
    states,
    without_generations,
)
from tests.support.stored import delete, shown
from tests.support.warehouses import rows_of

BATCH = 150


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


def test_a_damaged_journal_is_rebuilt_beside_itself(settings: Settings, log: ModelledLog) -> None:
    with live(settings) as warehouse:
        delete(warehouse, "wallet_rows", "1")
        assert warehouse.database == warehouse.public
    switched = rebuilt(settings)
    assert (switched.number, switched.records, switched.earlier) == (2, len(log.records), (1,))
    with live(settings) as warehouse:
        assert warehouse.database == switched.database == f"{warehouse.public}_g2"
        assert_whole(warehouse, log)
        assert_shown_to_the_public(warehouse)
        assert states(warehouse) == {1: "kept", 2: "live"}
        old = rows_of(warehouse, f"SELECT count() AS n FROM {quoted(warehouse.public)}.wallet_rows")
        assert old == [{"n": 0}]  # what was live is as it was
        assert shown(warehouse, "SELECT * FROM differences") == []


def test_dead_letters_are_not_sent_to_their_topic_again(settings: Settings, kafka_admin: AdminClient) -> None:
    before = log_offsets(kafka_admin, settings.topics.dead_letters.name)
    rebuilt(settings)
    assert log_offsets(kafka_admin, settings.topics.dead_letters.name) == before
    assert sum(end for _, end in before.values()) > 0


def test_the_next_worker_goes_on_in_the_new_one(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker
) -> None:
    events = [as_record(event) for event in crowd(32, 6)]
    with made_log(kafka_admin) as topic, without_generations(warehouse_url):
        settings = settings_for(topic, warehouse_url, batch=BATCH)
        write(kafka, topic, events[:70])
        fold_to_end(settings)
        rebuilt(settings)
        write(kafka, topic, events[70:])
        fold_to_end(settings)
        again = rebuilt(settings)
        assert (again.number, again.earlier) == (3, (2, 1))
        with live(settings) as warehouse:
            for generation, rows in (("", len(events)), ("2", len(events)), ("1", 70)):
                place = quoted({"": again.database, "2": f"{warehouse.public}_g2", "1": warehouse.public}[generation])
                found = shown(warehouse, f"SELECT count() AS n FROM {place}.journal_rows FINAL")
                assert found == [{"n": rows}], generation
            assert_shown_to_the_public(warehouse)


def test_what_is_no_function_of_the_log_outlives_a_rebuild_and_its_discarding(settings: Settings) -> None:
    with live(settings) as warehouse:
        OpenClient(warehouse).insert("statement_line_rows", STATEMENT)
    rebuilt(settings)
    discard_old(settings)
    with live(settings) as warehouse:
        OpenClient(warehouse).insert("statement_line_rows", STATEMENT.set_column(2, "sold", [[7]]))
        for place in ("", f"{quoted(warehouse.public)}."):
            for name in ("statement_line_rows", "statement_lines"):
                found = shown(warehouse, f"SELECT sold FROM {place}{name} ORDER BY sold")
                assert {row["sold"] for row in found} <= {5, 7}, name
            assert shown(warehouse, f"SELECT count() AS n FROM {place}statement_line_rows") == [{"n": 2}]


def test_status_says_which_generation_is_live(settings: Settings) -> None:
    with live(settings) as warehouse:
        assert status(settings, warehouse)["warehouse"]["generations"] == []
    rebuilt(settings)
    with live(settings) as warehouse:
        found = status(settings, warehouse)
    assert [(one["number"], one["state"]) for one in found["warehouse"]["generations"]] == [(1, "kept"), (2, "live")]
    console = Console(width=120, file=StringIO())
    console.print(status_page(found))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert re.search(r"generation 2 is live since 2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC", said)
    assert "generation 1 is kept: `dompet rebuild --back`" in said


def test_earlier_generations_are_dropped_when_asked_to_and_not_before(settings: Settings, log: ModelledLog) -> None:
    rebuilt(settings)
    rebuilt(settings)
    with live(settings) as warehouse:
        public = warehouse.public
        assert databases(warehouse) == {public, f"{public}_g2", f"{public}_g3"}
    assert discard_old(settings) == [1, 2]
    assert discard_old(settings) == []
    with live(settings) as warehouse:
        assert databases(warehouse) == {public, f"{public}_g3"}
        left = {str(row["name"]) for row in rows_of(warehouse, f"SHOW TABLES FROM {quoted(public)}")}
        assert not {"journal_rows", "wallet_rows", "order_rows", "step_feed", "chain_rows"} & left
        assert {"statement_rows", "generation_rows", "journal", "wallets"} <= left
        assert states(warehouse) == {1: "discarded", 2: "discarded", 3: "live"}
        assert_whole(warehouse, log)
        assert_shown_to_the_public(warehouse)
    with pytest.raises(NoEarlierGeneration):
        go_back(settings)


def test_one_can_go_back_to_what_was_live_and_forth_again(settings: Settings, log: ModelledLog) -> None:
    rebuilt(settings.changed(rules=OTHER_RULES))
    with pytest.raises(JournalMismatch, match=r"`dompet rebuild` makes a new journal"), running(settings):
        pass
    assert go_back(settings).number == 1
    with live(settings) as warehouse:
        assert warehouse.database == warehouse.public
        assert_whole(warehouse, log)
        assert_shown_to_the_public(warehouse)
    assert go_back(settings).number == 2
    with live(settings) as warehouse:
        assert_shown_to_the_public(warehouse)


@pytest.mark.parametrize("warehouse_kind", ["server"])
def test_a_worker_on_the_old_generation_stops_before_it_writes(settings: Settings) -> None:
    with running(settings) as pipeline:
        while not pipeline.source.assigned:
            step(pipeline)
        rebuilt(settings)
        folded = pipeline.projector.project(records(crowd(33, 1)), pipeline.source.generation)
        assert folded is not None
        with pytest.raises(Superseded, match=r"^generation 2 of the journal is live since .*: start it again"):
            pipeline.store(folded)


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_another_log_than_the_live_journals_must_be_meant(
    settings: Settings, kafka: str, kafka_admin: AdminClient
) -> None:
    with made_log(kafka_admin) as other:
        write(kafka, other, [as_record(event) for event in crowd(34, 1)])
        with pytest.raises(OtherLog, match=rf"topic {settings.log_topic} of cluster .*: .*--other-log"):
            rebuilt(settings.changed(log_topic=other))
        with live(settings) as warehouse:
            assert databases(warehouse) == {warehouse.public}
        assert rebuilt(settings.changed(log_topic=other), other_log=True).number == 2


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_an_empty_warehouse_is_filled_too(log: ModelledLog, warehouse_url: str, settings_for: SettingsMaker) -> None:
    settings = settings_for(log.topic, warehouse_url, batch=BATCH)
    assert rebuilt(settings).number == 2
    with live(settings) as warehouse:
        assert_whole(warehouse, log)
