"""Transactions that are open on the log: records behind the first one's begin are on the log, and not yet there.

Readers are given what lies below the last stable offset, where the earliest open transaction begins.
"""

import logging
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.streams.kafka.admin import log_offsets
from dompet.streams.kafka.consumer import reader

log = logging.getLogger("dompet.source")

Behind = Mapping[int, tuple[int, int]]
"""By partition where they differ: the last stable offset, and the partition's end."""

_READ_S: Final = 2.0
_WORTH_REPORTING_S: Final = 3.0
_AGAIN_S: Final = 60.0


@dataclass(frozen=True)
class OpenTransaction:
    """The earliest one of a partition. `since_us`: when its first record came onto the log; 0 where it is not known."""

    partition: int
    stable_offset: int
    end_offset: int
    since_us: int

    def __str__(self) -> str:
        since = f" since {_moment(self.since_us)}" if self.since_us else ""
        return (
            f"partition {self.partition}: {self.end_offset - self.stable_offset} offsets are behind an open transaction"
            f"{since} (last stable offset {self.stable_offset} of {self.end_offset}): their records are read once its"
            " producer commits or aborts it"
        )


def open_transactions(admin: AdminClient, kafka: Mapping[str, Any], topic: str) -> list[OpenTransaction]:
    """Those of all partitions now, by partition. Raises KafkaUnreachable."""
    ends, stable = log_offsets(admin, topic), log_offsets(admin, topic, settled=True)
    behind = {p: (stable[p][1], end) for p, (_, end) in ends.items() if p in stable and stable[p][1] < end}
    return described(kafka, topic, behind)


def described(kafka: Mapping[str, Any], topic: str, behind: Behind) -> list[OpenTransaction]:
    """The transactions that begin at these stable offsets."""
    since = _times(kafka, topic, {partition: stable for partition, (stable, _) in behind.items()}) if behind else {}
    return [OpenTransaction(p, stable, end, since.get(p, 0)) for p, (stable, end) in sorted(behind.items())]


def _times(kafka: Mapping[str, Any], topic: str, places: Mapping[int, int]) -> dict[int, int]:
    """When the records at these offsets came, settled or not; without those that were not read in time."""
    found: dict[int, int] = {}
    with closing(reader(kafka, "transactions", {"isolation.level": "read_uncommitted"})) as consumer:
        consumer.assign([TopicPartition(topic, partition, offset) for partition, offset in places.items()])
        deadline = time.monotonic() + _READ_S
        while len(found) < len(places) and time.monotonic() < deadline:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                found.setdefault(int(message.partition() or 0), message.timestamp()[1] * 1000)
    return found


class TransactionWatch:
    """Logs transactions that stay open. For one thread; `now` may be looked at by others."""

    def __init__(self, kafka: Mapping[str, Any], topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._first_seen: dict[tuple[int, int], float] = {}
        self._reported_at: dict[tuple[int, int], float] = {}
        self.now: tuple[OpenTransaction, ...] = ()

    def look(self, behind: Behind) -> None:
        """Take note of what is behind an open transaction now."""
        now = time.monotonic()
        places = {(partition, stable) for partition, (stable, _) in behind.items()}
        self._first_seen = {place: self._first_seen.get(place, now) for place in places}
        lasting = {p: ends for p, ends in behind.items() if now - self._first_seen[p, ends[0]] >= _WORTH_REPORTING_S}
        known = {(one.partition, one.stable_offset): one.since_us for one in self.now}
        fresh = {p: ends for p, ends in lasting.items() if (p, ends[0]) not in known}
        for one in described(self._kafka, self._topic, fresh):
            known[one.partition, one.stable_offset] = one.since_us
        self.now = tuple(OpenTransaction(p, *ends, known[p, ends[0]]) for p, ends in sorted(lasting.items()))
        self._report(now)

    def _report(self, now: float) -> None:
        places = {(one.partition, one.stable_offset): one for one in self.now}
        for place, one in places.items():
            if now - self._reported_at.get(place, -_AGAIN_S) >= _AGAIN_S:
                self._reported_at[place] = now
                log.warning("%s", one)
        for place in self._reported_at.keys() - places.keys():
            del self._reported_at[place]
            log.info("partition %d: the transaction that was open from offset %d on is over", *place)


def _moment(us: int) -> str:
    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
