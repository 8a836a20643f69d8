"""A worker's work is measured stage by stage: what is measured is all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.streams.demo.programme.programme import programme_fields
from tests.bench.publish import Log, publish
from tests.bench.stages import Profile, profile, show
from tests.support.kafka import LogTopicMaker

_EVENTS = 3_000


@pytest.fixture
def log(kafka: str, log_topic: LogTopicMaker) -> Iterator[Log]:
    """A log of all types."""
    yield publish(kafka, log_topic(), programme_fields(200, 2020), _EVENTS)


@pytest.mark.server
def test_every_stage_takes_some_of_the_whole(log: Log, tmp_path: Path) -> None:
    found = profile(log, tmp_path)
    assert found.events == log.events
    assert {"read", "decode", "fold", "journal rows", "insert: journal_rows", "all else"} <= set(found.stages)
    assert all(took_us > 0 for took_us in found.stages.values())
    assert list(tmp_path.iterdir()) == []


def test_more_than_is_wanted_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(Profile(1_000, {"fold": 2.0, "read": 1.0})) == 0
    assert "3.00 µs of processor time an event; at most 3.2 are wanted" in capsys.readouterr().err
    assert show(Profile(1_000, {"fold": 2.3, "read": 1.0})) == 1
