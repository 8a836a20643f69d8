"""Transactions on the log: what holds no record is no lag, and what is behind an open one is said and waited for."""

import logging
import re
from io import StringIO
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from rich.console import Console

from dompet.streams.answers.status import status
from dompet.streams.answers.status_page import status_page
from dompet.streams.kafka import transactions as watched
from dompet.streams.rebuild.dry_run import dry_run
from dompet.streams.settings import Settings
from tests.support.crowd import crowd
from tests.support.kafka import LogTopicMaker
from tests.support.logs import as_record, write
from tests.support.pipelines import SettingsMaker, fold_to_end, running, step
from tests.support.rebuilding import rebuilt, without_generations
from tests.support.stored import shown
from tests.support.transactions import begin, end_at, transactions
from tests.support.verifying import SEGMENT, shorten, verified
from tests.support.warehouses import opened
from tests.support.workers import run_to_end, until, worker

EVENTS = [as_record(event) for event in crowd(5, 2)]
ROWS = "SELECT * FROM journal_rows FINAL ORDER BY partition, offset"
OPEN = r"partition 0: 3 offsets are behind an open transaction since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(last stable"
OPEN += r" offset 5 of 8\): their records are read once its producer commits or aborts it"


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)


@pytest.fixture
def topic(log_topic: LogTopicMaker) -> str:
    return log_topic(partitions=1)


def lags(settings: Settings) -> list[int]:
    with opened(settings.warehouse) as warehouse:
        return [one["lag"] for one in status(settings, warehouse)["kafka"]["partitions"]]


def test_offsets_that_hold_no_record_are_neither_lag_nor_missing(
    kafka: str, kafka_admin: AdminClient, topic: str, settings_for: SettingsMaker, warehouse_url: str
) -> None:
    with transactions(kafka, topic) as producer:
        begin(producer, topic, EVENTS[:3])
        producer.abort_transaction(30)
        end_at(kafka_admin, topic, 4)
        for number in range(20):  # from here on every segment ends with a marker
            begin(producer, topic, EVENTS[number : number + 1])
            producer.commit_transaction(30)
        end_at(kafka_admin, topic, 44)
    settings = settings_for(topic, warehouse_url, batch=7)
    assert lags(settings) == [40]
    fold_to_end(settings)
    assert lags(settings) == [0]
    with running(settings) as pipeline:
        while not pipeline.source.has_read_all():
            step(pipeline)
        assert pipeline.source.lags() == dict.fromkeys(pipeline.source.partitions, 0)
        assert pipeline.projector.progress.read_again < SEGMENT
    with opened(settings.warehouse) as warehouse:
        rows = shown(warehouse, ROWS)
    assert [row["offset"] for row in rows] == list(range(4, 44, 2))

    report = verified(settings)
    assert (report.differences, report.holds) == ([], True)
    assert report.left_out == ["state in memory: no worker of this home runs"]
    ran = dry_run(settings, lambda *_: None)
    assert (ran.events, ran.missing, ran.changes) == (20, 0, [])
    with without_generations(settings.warehouse):
        assert rebuilt(settings).records == 20
        with opened(settings.warehouse) as warehouse:
            assert shown(warehouse, ROWS) == rows


def test_a_log_that_is_folded_in_parts_between_markers_holds(
    kafka: str, kafka_admin: AdminClient, topic: str, settings_for: SettingsMaker, warehouse_url: str
) -> None:
    settings = settings_for(topic, warehouse_url)
    with transactions(kafka, topic) as producer:
        for number in range(3):
            begin(producer, topic, EVENTS[3 * number : 3 * number + 3])
            producer.commit_transaction(30)
            end_at(kafka_admin, topic, 8 * number + 4)
            fold_to_end(settings)  # its checkpoint is below the marker
            begin(producer, topic, EVENTS[3 * number : 3 * number + 3])
            producer.abort_transaction(30)
            end_at(kafka_admin, topic, 8 * number + 8)
    report = verified(settings)
    assert (report.differences, report.holds, len(report.left_out)) == ([], True, 1)


def test_an_open_transaction_is_named_wherever_somebody_looks(
    kafka: str, topic: str, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    settings = settings_for(topic, f"chdb://{tmp_path}/warehouse")
    write(kafka, topic, EVENTS[:5])
    with transactions(kafka, topic) as producer:
        begin(producer, topic, EVENTS[5:8])
        assert re.search(rf" dompet\.worker: {OPEN}$", run_to_end(settings).stderr, re.MULTILINE)
        with opened(settings.warehouse) as warehouse:
            found = status(settings, warehouse)
        console = Console(width=400, file=StringIO())
        console.print(status_page(found))
        assert isinstance(console.file, StringIO)
        for text in (*found["kafka"]["open_transactions"], console.file.getvalue()):
            assert re.search(OPEN, text)
        assert [(one["stable_offset"], one["lag"]) for one in found["kafka"]["partitions"]] == [(5, 0)]
        with worker(settings) as run:
            _, health = until(run, lambda health: bool(health["open_transactions"]))
            producer.commit_transaction(30)
            until(run, lambda health: health["records"] == 3 and not health["open_transactions"])
            run.process.terminate()
            assert run.end() == 0
        assert re.fullmatch(OPEN, health["open_transactions"][0])
        assert (health["status"], health["lag"]) == ("ok", 0)
        assert re.search(OPEN, run.stderr)
    run_to_end(settings)  # behind the transaction's marker
    assert verified(settings).holds


def test_a_sweep_waits_for_an_open_transaction(
    kafka: str,
    topic: str,
    settings_for: SettingsMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(watched, "_WORTH_REPORTING_S", 0.0)
    caplog.set_level(logging.INFO, "dompet.source")
    write(kafka, topic, EVENTS[:5])
    settings = settings_for(topic, f"chdb://{tmp_path}/warehouse")
    with transactions(kafka, topic) as producer, running(settings) as pipeline:
        begin(producer, topic, EVENTS[5:8])
        while not pipeline.source.open_transactions:
            step(pipeline)
        assert pipeline.source.stored() == {0: 5}
        assert (pipeline.source.has_read_all(), sum(pipeline.source.lags().values())) == (False, 0)
        producer.abort_transaction(30)
        while pipeline.source.open_transactions or not pipeline.source.has_read_all():
            step(pipeline)
        assert pipeline.source.stored() == {0: 9}
    said = [record.getMessage() for record in caplog.records if "transaction" in record.getMessage()]
    assert re.fullmatch(OPEN, said[0])
    assert said[1:] == ["partition 0: the transaction that was open from offset 5 on is over"]
