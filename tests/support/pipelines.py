"""The pipeline without Faust: its own parts, in this process, one batch after another."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.settings import Settings, read_settings
from tests.support.warehouses import prepare

_LIMIT_S = 60.0

SettingsMaker = Callable[..., Settings]
"""Settings for a log topic and a warehouse's URL, other settings by name; every topic they need is there."""


@pytest.fixture(scope="session")
def settings_for(kafka: str, kafka_admin: AdminClient, tmp_path_factory: pytest.TempPathFactory) -> SettingsMaker:
    """Makes settings for the test run's Kafka, each with a home of its own."""

    def make(topic: str, warehouse: str, **more: Any) -> Settings:
        home = tmp_path_factory.mktemp("home")
        more.setdefault("group", f"test-{uuid.uuid5(uuid.NAMESPACE_URL, warehouse)}")  # a group feeds one warehouse
        more = {
            "worker_metrics_port": 0,
            "engine_metrics_port": 0,
            "serve_metrics_port": 0,
            "router_metrics_port": 0,
            **more,
        }
        settings = read_settings(kafka=kafka, warehouse=warehouse, log_topic=topic, home=home, **more)
        ensure_topics(kafka_admin, list(settings.topics)[1:])
        return settings

    return make


@contextmanager
def running(settings: Settings) -> Iterator[Pipeline]:
    """A pipeline that is open; on leaving it is closed as if its process ended, whatever was not stored is lost."""
    prepare(settings.warehouse)
    pipeline = Pipeline(settings)
    pipeline.open()
    try:
        yield pipeline
    finally:
        pipeline.source.close()
        pipeline.close()


def step(pipeline: Pipeline) -> bool:
    """Read, fold and store one batch, if there is one."""
    batch = pipeline.source.read()
    folded = pipeline.projector.project(batch.records, batch.generation) if batch else None
    if folded is not None:
        pipeline.projector.store(folded)
    return folded is not None


def fold_some(pipeline: Pipeline, batches: int) -> None:
    """Store so many batches."""
    deadline = time.monotonic() + _LIMIT_S
    while batches:
        assert time.monotonic() < deadline, "nothing more came from the log"
        batches -= step(pipeline)


def fold_to_end(settings: Settings) -> None:
    """Fold the whole log, as it is now, into the warehouse."""
    with running(settings) as pipeline:
        ends = pipeline.source.ends()
        deadline = time.monotonic() + _LIMIT_S
        while any(pipeline.source.stored().get(p, 0) < end for p, end in ends.items()):
            assert time.monotonic() < deadline, "the log's end was not reached"
            step(pipeline)
