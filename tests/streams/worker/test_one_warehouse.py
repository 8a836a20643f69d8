"""Two workers of one group on two warehouses: one of them is refused, and the other has all of the log."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.streams.kafka.group_claim import Fed, OtherWarehouse
from dompet.streams.settings import Settings
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
    kafka: str, topic: str, warehouse_url: str, other_url: str, settings_for: SettingsMaker
) -> None:
    settings = settings_for(topic, warehouse_url)
    other = settings.changed(warehouse=other_url)
    with worker(settings) as first:
        _, stored = until(first, lambda health: health["records"] >= len(EVENTS) and not health["lag"])
        with worker(other) as second:
            assert second.end() in (1, 2)  # before it joins the group, or where the broker was slow to answer, after
        for one in (settings, other):
            assert one.warehouse_shown in sentence_of(second.stderr)
        write(kafka, topic, [as_record(event) for event in crowd(7, 2)])
        until(first, lambda health: health["records"] > stored["records"] and not health["lag"])
        assert first.end(signal.SIGTERM) == 0
    with worker(other, "--until-end") as later:
        assert later.end() in (1, 2)
    said = f"group {settings.group} feeds the warehouse {settings.warehouse_shown} (id "
    assert sentence_of(later.stderr).startswith(said)
    with worker(other, "--until-end", "--move-group") as moved:
        assert moved.end() == 0, moved.stderr
    with worker(settings, "--until-end") as late:
        assert late.end() in (1, 2)
    run_to_end(settings.changed(group=f"{settings.group}-2"))


@pytest.mark.parametrize("warehouse_kind", ["server"])
def test_of_two_that_start_together_in_a_new_group_exactly_one_stays_and_folds_all(
    topic: str, warehouse_url: str, clickhouse_server: str, settings_for: SettingsMaker
) -> None:
    settings, opened = settings_for(topic, warehouse_url), Barrier(2)

    def fold(settings: Settings) -> bool:
        """Whether it folds the log until it has all of it; False where it is refused, and leaves."""
        with running(settings) as pipeline:
            opened.wait()
            try:
                while pipeline.projector.progress.records < len(EVENTS):
                    step(pipeline)
            except OtherWarehouse:
                return False
            return True

    with empty_warehouse("server", clickhouse_server) as other_url, ThreadPoolExecutor(2) as pool:
        both = settings, settings.changed(warehouse=other_url, web_port=6067)
        assert sorted(pool.map(fold, both)) == [False, True]


def test_a_worker_that_is_refused_on_joining_claims_nothing_for_its_warehouse(
    kafka: str, topic: str, warehouse_url: str, other_url: str, settings_for: SettingsMaker
) -> None:
    settings = settings_for(topic, warehouse_url)
    other = settings.changed(warehouse=other_url, web_port=6067)
    with running(settings) as first:
        with running(other) as second:
            while not first.source.assigned:
                step(first)
            with pytest.raises(OtherWarehouse):
                while True:
                    step(second)
                    step(first)
        assert feeds(kafka, settings) == {settings.warehouse_shown}


def feeds(kafka: str, settings: Settings) -> set[str]:
    """The warehouses that the group's committed offsets name."""
    topic = settings.topics.log.name
    with closing(Consumer({"bootstrap.servers": kafka, "group.id": settings.group})) as consumer:
        partitions = [TopicPartition(topic, number) for number in consumer.list_topics(topic).topics[topic].partitions]
        return {fed.shown for one in consumer.committed(partitions) if (fed := Fed.of(one.metadata))}
