"""Records that the journal needs and the log has lost are named, at every start and while a worker runs."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.streams.pipeline.resuming import OffsetOutOfRange
from tests.support.crowd import crowd
from tests.support.kafka import LogTopicMaker
from tests.support.logs import as_record, write
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running

EVENTS = [as_record(event) for event in crowd(5, 4)]
PARTITIONS = 3
GONE = (
    r"^partition \d: the journal goes on at offset \d+, but the log now begins at \d+: what lies between is gone from"
)


def empty(admin: AdminClient, topic: str) -> None:
    """Delete all records, as a retention would."""
    ends = [TopicPartition(topic, partition, -1) for partition in range(PARTITIONS)]
    for deleted in admin.delete_records(ends).values():
        deleted.result()


@pytest.mark.parametrize("folded", [0, 10])
def test_an_emptied_log_is_named_at_every_start(
    kafka: str,
    kafka_admin: AdminClient,
    log_topic: LogTopicMaker,
    settings_for: SettingsMaker,
    tmp_path: Path,
    folded: int,
) -> None:
    topic = log_topic(partitions=PARTITIONS)
    settings = settings_for(topic, f"chdb://{tmp_path}/warehouse", group=topic)
    write(kafka, topic, EVENTS[:folded])
    if folded:
        fold_to_end(settings)
    write(kafka, topic, EVENTS[folded:])
    empty(kafka_admin, topic)
    for _ in range(5):
        with running(settings) as pipeline, pytest.raises(OffsetOutOfRange, match=GONE):
            fold_some(pipeline, 1)


def test_records_that_go_while_a_worker_runs_are_named_too(
    kafka: str,
    kafka_admin: AdminClient,
    log_topic: LogTopicMaker,
    settings_for: SettingsMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic = log_topic(partitions=PARTITIONS)
    write(kafka, topic, EVENTS)
    with running(settings_for(topic, f"chdb://{tmp_path}/warehouse", group=topic)) as pipeline:
        assign = pipeline.projector.assign

        def assigned(ends: Mapping[int, tuple[int, int]], generation: int) -> dict[int, int]:
            positions = assign(ends, generation)
            empty(kafka_admin, topic)  # before anything was fetched
            return positions

        monkeypatch.setattr(pipeline.projector, "assign", assigned)
        with pytest.raises(OffsetOutOfRange, match=GONE):
            fold_some(pipeline, 100)
