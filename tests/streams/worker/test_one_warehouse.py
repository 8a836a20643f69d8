"""Two workers of one group on two warehouses: one of them is refused, and the other has all of the log."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.kafka.group_claim import OtherWarehouse
from dompet.streams.pipeline.assembly import Pipeline
from tests.support.crowd import crowd
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker, running, step
from tests.support.warehouses import KINDS, empty_warehouse
from tests.support.workers import run_to_end, until, worker

EVENTS = [as_record(event) for event in crowd(6, 5)]


@pytest.fixture(scope="module")
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        write(kafka, topic, EVENTS)
        yield topic


@pytest.fixture
def other_url(warehouse_kind: str, clickhouse_server: str) -> Iterator[str]:
    """An empty warehouse of the other kind."""
    [other] = [kind for kind in KINDS if kind != warehouse_kind]
    with empty_warehouse(other, clickhouse_server) as url:
        yield url


def sentence_of(stderr: str) -> str:
    [line] = [line for line in stderr.splitlines() if line.startswith("dompet: ")]
    return line.removeprefix("dompet: ")


def test_a_worker_of_another_warehouse_is_refused_and_disturbs_nobody(
    topic: str, warehouse_url: str, other_url: str, settings_for: SettingsMaker
) -> None:
    settings = settings_for(topic, warehouse_url)
    other = settings.changed(warehouse=other_url)
    with worker(settings) as first:
        until(first, lambda health: health["records"] == len(EVENTS))
        with worker(other) as second:
            assert second.end() == 2
        for one in (settings, other):
            assert one.warehouse_shown in sentence_of(second.stderr)
        assert first.end(signal.SIGTERM) == 0
        assert first.stderr.count("assigned 12 of 12 partitions") == 1
    with worker(other, "--until-end") as later:
        assert later.end() == 2
    said = f"group {settings.group} feeds the warehouse {settings.warehouse_shown} (id "
    assert sentence_of(later.stderr).startswith(said)
    with worker(other, "--until-end", "--move-group") as moved:
        assert moved.end() == 0, moved.stderr
    with worker(settings, "--until-end") as first:
        assert first.end() == 2
    run_to_end(settings.changed(group=f"{settings.group}-2"))


@pytest.mark.parametrize("warehouse_kind", ["server"])
def test_of_two_that_start_together_in_a_new_group_exactly_one_stays_and_folds_all(
    topic: str, warehouse_url: str, clickhouse_server: str, settings_for: SettingsMaker
) -> None:
    settings = settings_for(topic, warehouse_url)

    def fold(pipeline: Pipeline) -> bool:
        """Whether it folds the log until it has all of it; False where it is refused."""
        try:
            while pipeline.projector.progress.records < len(EVENTS):
                step(pipeline)
        except OtherWarehouse:
            pipeline.source.close()
            return False
        return True

    with (
        empty_warehouse("server", clickhouse_server) as other_url,
        running(settings) as one,
        running(settings.changed(warehouse=other_url, web_port=6067)) as other,
        ThreadPoolExecutor(2) as pool,
    ):
        outcomes = list(pool.map(fold, (one, other)))
    assert sorted(outcomes) == [False, True]
