"""Workers of one group share the log's partitions; what one stores that lost some is what its successor stores."""

from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.projector import Folded
from tests.support.crowd import crowd
from tests.support.folding import PARTITIONS
from tests.support.logs import as_record
from tests.support.modelled import ModelledLog, assert_checkpoints_hold, assert_whole, modelled_log
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running, step
from tests.support.warehouses import empty_warehouse, opened

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
