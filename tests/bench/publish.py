"""The benchmark's logs: events published to topics of their own, and what was published."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from confluent_kafka.admin import AdminClient

from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publish import Publisher
from dompet.streams.publish.rows import chunks, publish_rows
from dompet.streams.terminal.console import bar
from dompet.streams.terminal.figures import Stopwatch

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Log:
    """A topic and what was published to it. `active` people have events both before and after the log's middle."""

    bootstrap: str
    topic: str
    events: int
    people: int
    active: int
    types: Mapping[str, int]
    seconds: float


class Spans:
    """Where each person's first and last event are among all that was published."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._first: list[int] = []
        self._last: list[int] = []

    def see(self, person: str, place: int) -> None:
        """Take note of an event; places grow."""
        number = self._numbers.setdefault(person, len(self._first))
        if number == len(self._first):
            self._first.append(place)
            self._last.append(place)
        self._last[number] = place

    @property
    def people(self) -> int:
        """How many were seen."""
        return len(self._first)

    def active(self, place: int) -> int:
        """How many people have an event before this place, and another one at it or after it."""
        return int(((np.array(self._first) < place) & (np.array(self._last) >= place)).sum())


def publish(bootstrap: str, topic: str, events: Iterable[tuple[str, Fields]], expected: int) -> Log:
    """Make the topic, and publish the events to it in order; `expected` is for the progress bar alone."""
    ensure_topics(AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}), declared_topics(topic))
    spans, types, watch, count = Spans(), Counter[str](), Stopwatch(), 0
    with bar(f"publishing {topic}", expected) as show, Publisher(bootstrap, topic) as publisher:
        for some in chunks(events):
            publish_rows(publisher, some, topic, count)
            for place, (type_name, fields) in enumerate(some, start=count):
                spans.see(fields["beneficiary_id"], place)
                types[type_name] += 1
            count += len(some)
            show(count, expected)
    return Log(bootstrap, topic, count, spans.people, spans.active(count // 2), dict(types), watch.seconds)
