"""A journal that was made otherwise, or a log that is not whole, is refused in one sentence, and nothing is written."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.pipeline.checkpoints import Checkpoint, Identity, store_checkpoints
from dompet.streams.pipeline.projector import Projector
from dompet.streams.pipeline.resuming import JournalMismatch, OffsetOutOfRange, check_identity
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse
from tests.projections.table import TABLES
from tests.support.crowd import crowd
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running
from tests.support.stored import shown
from tests.support.warehouses import opened
from tests.support.workers import worker

IDENTITY = Identity("this-cluster", "dompet.events", 12, "this-digest", 7)
OTHERS = {
    "cluster_id": ("other-cluster", "Kafka cluster"),
    "topic": ("other.events", "log topic"),
    "partition_count": (24, "number of partitions"),
    "fold_version": (8, "version of the fold"),
    "rules_digest": ("other-digest", "rulebook (digest)"),
}


@pytest.fixture(scope="module")
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        write(kafka, topic, [as_record(event) for event in crowd(4, 3)])
        yield topic


@pytest.fixture
def settings(topic: str, warehouse_url: str, settings_for: SettingsMaker) -> Settings:
    """For a log that is folded into a warehouse of each kind in turn."""
    settings = settings_for(topic, warehouse_url)
    fold_to_end(settings)
    return settings


def counts(warehouse: Warehouse) -> list[Any]:
    tables = ("journal_rows", "checkpoint_rows", "dead_letter_rows")
    return [shown(warehouse, f"SELECT count() AS n FROM {table}") for table in tables]


def one_checkpoint(warehouse: Warehouse) -> None:
    """A journal that somebody has made."""
    store_checkpoints(warehouse, IDENTITY, [Checkpoint(3, 0, 1, 1, 1, 1)], 0)


def test_the_journals_own_identity_is_accepted_and_so_is_an_empty_journal(warehouse: Warehouse) -> None:
    check_identity(SqlJournal(warehouse), replace(IDENTITY, topic="any"))
    one_checkpoint(warehouse)
    check_identity(SqlJournal(warehouse), IDENTITY)


def test_any_other_identity_is_refused_with_what_differs_and_how_to_go_on(warehouse: Warehouse) -> None:
    one_checkpoint(warehouse)
    for name, (other, what) in OTHERS.items():
        changes: dict[str, Any] = {name: other}
        with pytest.raises(JournalMismatch) as refused:
            check_identity(SqlJournal(warehouse), replace(IDENTITY, **changes))
        how = "`dompet rebuild`" if name in ("fold_version", "rules_digest") else "`dompet rebuild --other-log`"
        assert str(refused.value).startswith(
            f"the warehouse's journal was made with {what} {getattr(IDENTITY, name)}, this worker has {other}: "
            f"{how} makes a new journal from "
        )


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_a_worker_with_other_rules_ends_with_one_sentence_and_writes_nothing(settings: Settings) -> None:
    with opened(settings.warehouse) as warehouse:
        before = counts(warehouse)
    with worker(settings.changed(rules=TABLES / "generous.toml"), "--until-end") as run:
        assert run.end() == 2
    [line] = [line for line in run.stderr.splitlines() if line.startswith("dompet: ")]
    assert line.startswith("dompet: the warehouse's journal was made with rulebook (digest) ")
    assert "Traceback" not in run.stderr
    with opened(settings.warehouse) as warehouse:
        assert counts(warehouse) == before


def test_a_pipeline_on_another_topic_is_refused_and_writes_nothing(
    settings: Settings, kafka: str, kafka_admin: AdminClient
) -> None:
    with made_log(kafka_admin) as other:
        write(kafka, other, [as_record(event) for event in crowd(4, 1)])
        with opened(settings.warehouse) as warehouse:
            before = counts(warehouse)
        said = f"log topic {settings.log_topic}, this worker has {other}: "
        with pytest.raises(JournalMismatch, match=said), running(settings.changed(log_topic=other)) as pipeline:
            fold_some(pipeline, 1)
        with opened(settings.warehouse) as warehouse:
            assert counts(warehouse) == before


def reached(pipeline: Pipeline) -> tuple[Projector, int, int]:
    """A projector, a partition of its journal, and where that ends."""
    ends = {row["partition"]: row["next_offset"] for row in shown(pipeline.warehouse, "SELECT * FROM checkpoints")}
    partition = max(ends, key=lambda one: ends[one])
    return pipeline.projector, partition, ends[partition]


def test_a_log_that_does_not_hold_the_next_offset_is_refused(settings: Settings) -> None:
    with running(settings) as pipeline:
        projector, partition, end = reached(pipeline)
        place = f"^partition {partition}: the journal goes on at offset {end}, but the log "
        with pytest.raises(OffsetOutOfRange, match=f"{place}ends at {end - 1}: "):
            projector.assign({partition: (0, end - 1)}, 1)
        with pytest.raises(OffsetOutOfRange, match=f"{place}now begins at {end + 1}: "):
            projector.assign({partition: (end + 1, end + 9)}, 2)
        assert projector.assign({partition: (end, end)}, 3) == {partition: end}
        with pytest.raises(OffsetOutOfRange, match=r"^partition 99: .* at offset 0, but the log now begins at 5: "):
            projector.assign({99: (5, 9)}, 4)


NEW_PERIOD = """
[[rules]]
name = "later"
from = {day}
max_credits = 1
first_purchase_days = 15
spend_by = "12-15"
one_open_course = true
commission_cap_bp = 1500
min_completion_minutes = 900
redemption_required = true
attendance_required = true
review_required = true
incentive = {{ times = 1, amount = 600_000 }}
surveys = {{ times = 2, amount = 50_000 }}
"""


def extended_rules(path: Path, day: str) -> Path:
    own = (files("dompet.schemas") / "rules.toml").read_text("utf-8")
    path.write_text(own + NEW_PERIOD.format(day=day), "utf-8")
    return path


def test_rules_that_add_a_period_later_than_every_credit_go_on_and_an_earlier_one_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    early = settings.changed(rules=extended_rules(tmp_path / "early.toml", "2023-01-02"))
    with pytest.raises(JournalMismatch, match="adds a period that begins before a credit the journal already has"):
        fold_to_end(early)
    late = settings.changed(rules=extended_rules(tmp_path / "late.toml", "2099-01-01"))
    fold_to_end(late)
    with opened(settings.warehouse) as warehouse:
        store_checkpoints(warehouse, identity_of(warehouse, late), [Checkpoint(3, 10**6, 10**6 + 1, 1, 1, 1)], 0)
    with pytest.raises(JournalMismatch, match=r"was made with rulebook \(digest\) "):
        fold_to_end(settings)


def identity_of(warehouse: Warehouse, settings: Settings) -> Identity:
    """The journal's identity under the settings' rules."""
    [row] = shown(
        warehouse,
        "SELECT cluster_id, topic, partition_count, fold_version FROM checkpoint_rows"
        " GROUP BY cluster_id, topic, partition_count, fold_version",
    )
    return Identity(**row, rules_digest=settings.rulebook().digest())
