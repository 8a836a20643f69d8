"""Workers of one group share the log's partitions; what one stores that lost some is what its successor stores."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.pipeline import source
from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.pipeline.projector import Folded
from tests.support.crowd import crowd
from tests.support.folding import PARTITIONS
from tests.support.logs import as_record
from tests.support.modelled import ModelledLog, assert_checkpoints_hold, assert_whole, modelled_log
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running, step
from tests.support.warehouses import empty_warehouse, opened
from tests.support.workers import worker

BATCH = 50


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    with modelled_log(kafka, kafka_admin, map(as_record, crowd(4, 6))) as log:
        yield log


def test_two_workers_of_a_group_share_the_log_and_take_over_from_each_other(
    settings_for: SettingsMaker, log: ModelledLog, clickhouse_server: str
) -> None:
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(log.topic, url, batch=BATCH)
        with running(settings) as one:
            fold_some(one, 1)
            with running(settings) as other:
                while not (one.source.assigned and other.source.assigned):
                    step(one)
                    step(other)
                assert sorted(one.source.partitions + other.source.partitions) == list(range(PARTITIONS))
                assert len(one.source.partitions) == len(other.source.partitions)
                step(one)
                step(other)
            while len(one.source.partitions) < PARTITIONS:
                step(one)
        fold_to_end(settings)
        with opened(url) as warehouse:
            assert_whole(warehouse, log)


def test_what_stays_with_a_worker_is_kept_and_only_the_rest_is_rebuilt(
    settings_for: SettingsMaker, log: ModelledLog, clickhouse_server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dompet.recovery")
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(log.topic, url, group="staying")
        fold_to_end(settings)
        with running(settings) as one:
            assigned(one)
            whole = one.projector.live_states(seed=7)
            assert kept(caplog) == []
            with running(settings) as other:
                assigned(one, other)
                stayed = sum(whole[partition].next_offset > 0 for partition in one.source.partitions)
                assert kept(caplog) == [f"kept the state of {stayed} partitions"]
                assert one.projector.live_states(7).items() <= whole.items()
            while len(one.source.partitions) < PARTITIONS:
                step(one)
            assert kept(caplog)[1:] == [f"kept the state of {stayed} partitions"]
            assert one.projector.live_states(7) == whole


def test_what_was_folded_and_not_stored_is_not_kept(
    settings_for: SettingsMaker, log: ModelledLog, clickhouse_server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dompet.recovery")
    with empty_warehouse("server", clickhouse_server) as url:
        with running(settings_for(log.topic, url, batch=BATCH // 5, group="unstored")) as one:
            stored: set[int] = set()
            unstored: set[int] = set()
            # Until a batch goes on with a partition of which some is stored, and leaves another one as it is.
            while not (stored & unstored and stored - unstored):
                stored |= unstored
                while not (batch := one.source.read()):
                    assert sum(one.projector.progress.next_offsets.values()) < len(log.rows)
                folded = one.projector.project(batch.records, batch.generation)
                assert folded is not None
                unstored = {place.partition for place in folded.checkpoints}
                if not (stored & unstored and stored - unstored):
                    one.projector.store(folded)
            one.projector.assign({partition: (0, end) for partition, end in one.source.ends().items()}, 99)
            assert kept(caplog) == [f"kept the state of {len(stored - unstored)} partitions"]
            positions = {partition: one.next_offset for partition, one in one.projector.live_states(7).items()}
            assert positions == one.projector.progress.next_offsets
        fold_to_end(settings_for(log.topic, url, group="after"))
        with opened(url) as warehouse:
            assert_whole(warehouse, log)


def assigned(*pipelines: Pipeline) -> None:
    """Until each has its share of the partitions."""
    while (
        not all(one.source.assigned for one in pipelines)
        or sum(len(one.source.partitions) for one in pipelines) != PARTITIONS
    ):
        for one in pipelines:
            step(one)


def kept(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [message for message in caplog.messages if message.startswith("kept the state")]


def test_what_a_worker_stores_that_has_lost_its_partitions_changes_nothing(
    settings_for: SettingsMaker, log: ModelledLog, clickhouse_server: str
) -> None:
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(log.topic, url, batch=BATCH)
        with running(settings) as late:
            unstored: list[Folded | None] = []
            while len(unstored) < 3:
                if batch := late.source.read():
                    unstored.append(late.projector.project(batch.records, batch.generation))
            fold_to_end(settings_for(log.topic, url, group="successor"))
            for folded in unstored:
                assert folded is not None
                late.projector.store(folded)
        with opened(url) as warehouse:
            assert_whole(warehouse, log)
            assert assert_checkpoints_hold(warehouse) == len(log.rows)


def test_a_batch_of_an_earlier_assignment_is_not_folded(
    settings_for: SettingsMaker, log: ModelledLog, clickhouse_server: str
) -> None:
    with empty_warehouse("server", clickhouse_server) as url, running(settings_for(log.topic, url)) as pipeline:
        while not (batch := pipeline.source.read()):
            pass
        assert pipeline.projector.project(batch.records, batch.generation - 1) is None
        assert pipeline.projector.wallets == 0
        assert pipeline.projector.project(batch.records, batch.generation)
        assert pipeline.projector.wallets > 0


def test_a_worker_that_does_not_read_yet_holds_no_partitions(
    settings_for: SettingsMaker, log: ModelledLog, clickhouse_server: str
) -> None:
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(log.topic, url)
        with running(settings), running(settings) as other:
            fold_some(other, 1)
            assert other.source.partitions == tuple(range(PARTITIONS))


def test_what_is_assigned_to_a_worker_that_leaves_is_left_to_others(
    settings_for: SettingsMaker, log: ModelledLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_WAIT_S", 0.0)
    with running(settings_for(log.topic, f"chdb://{tmp_path}/warehouse", group="leaving")) as pipeline:
        assert pipeline.source.read() is None  # it has asked to join, and looks no more
        time.sleep(2)
    assert (pipeline.source.assigned, pipeline.projector.wallets) == (False, 0)


@pytest.mark.parametrize(
    ("name", "value"), [("PARTITION_ASSIGNMENT_STRATEGY", "cooperative-sticky"), ("GROUP_PROTOCOL", "consumer")]
)
def test_a_group_that_would_take_partitions_one_by_one_is_refused(
    settings_for: SettingsMaker,
    log: ModelledLog,
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(f"DOMPET_KAFKA__{name}", value)
    with worker(settings_for(log.topic, f"chdb://{tmp_path}/warehouse")) as run:
        assert run.end() == 2
    setting = name.lower().replace("_", ".")
    assert run.stderr.splitlines()[-1].startswith(f"dompet: {setting}={value}: the workers' group rebalances eagerly")
