"""A member of the routers' group: reads the inboxes that the group gives it, and commits how far they are routed."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, TopicPartition

from dompet.schemas.errors import DompetError
from dompet.schemas.records import Records
from dompet.streams.kafka.consumer import member
from dompet.streams.kafka.faults import BrokerWatch, Reported, check_reported, reported_by
from dompet.streams.kafka.log_queue import LogQueue
from dompet.streams.process.patience import Patience
from dompet.streams.router.inboxes import Inbox
from dompet.streams.router.offsets import Offsets, Part


class InboxChanged(DompetError):
    """An inbox lacks records that are not on the log."""


class Member:
    """For one thread. `on_assign` and `on_revoke` are called from within `serve` and `close`; a partition that was lost
    has a revocation, too, with nothing that could still be committed.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        group: str,
        log_topic: str,
        patience: Patience,
        on_assign: Callable[[list[Part]], None],
        on_revoke: Callable[[], None],
    ) -> None:
        self._kafka = kafka
        self._on_assign = on_assign
        self._on_revoke = on_revoke
        self._watch = BrokerWatch(log_topic, kafka["bootstrap.servers"], patience)
        self._consumer = member(kafka, group, self._watch.on_error, lambda _: None)
        self.offsets = Offsets(self._consumer)
        self._inboxes: dict[str, Inbox] = {}
        self._queues: dict[str, LogQueue] = {}
        self._positions: dict[str, dict[int, int]] = {}
        self._closed = False

    def follow(self, inboxes: Mapping[str, Inbox]) -> None:
        """Share these inboxes with the group's other members."""
        if inboxes != self._inboxes:
            self._inboxes = dict(inboxes)
            if inboxes:
                self._consumer.subscribe(
                    sorted(inboxes), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
                )
            else:
                self._consumer.unsubscribe()

    def serve(self) -> None:
        """Let the group call back. Raises LogUnreadable."""
        message = self._consumer.poll(0)
        if message is not None:
            self._heed("", reported_by(message))
        if self._watch.failure:
            raise self._watch.failure

    def look(self) -> None:
        """Nothing came: make sure that the broker is there. Raises LogUnreadable, OutageTooLong."""
        self._watch.look(self._consumer)

    def begin(self, positions: Mapping[Part, int]) -> None:
        """Read these partitions from these offsets on."""
        self.drop()
        for (inbox, partition), offset in positions.items():
            self._positions.setdefault(inbox.topic, {})[partition] = offset
        for topic, offsets in self._positions.items():
            self._queue_of(self._inboxes[topic]).begin(offsets)
        self._consumer.assign(
            [TopicPartition(one.topic, number, offset) for (one, number), offset in positions.items()]
        )

    def drop(self) -> None:
        """Read nothing any more."""
        for topic in self._positions:
            self._queues[topic].drop()
        self._positions = {}

    def interrupt(self) -> None:
        """Read nothing until `begin`, of what the group still gives."""
        self.drop()
        self._consumer.unassign()

    @property
    def detours(self) -> bool:
        """Whether the next read goes around a faulty place, which may take its time."""
        return any(self._queues[topic].detours for topic in self._positions)

    def read(
        self, records_most: int, bytes_most: int, wait_s: float, *, quickly: bool = False
    ) -> list[tuple[Inbox, Records]]:
        """What is there, of each inbox; at most about so much of all. `quickly`: but for what is behind a faulty place.
        Raises LogUnreadable, InboxChanged.
        """
        found: list[tuple[Inbox, Records]] = []
        for topic in self._positions:
            parts: list[Records] = []
            queue, drained = self._queues[topic], False
            while not (drained or (quickly and queue.detours)) and records_most > 0 and bytes_most > 0:
                part, reported, drained = queue.read(records_most, bytes_most, 0.0)
                for one in reported:
                    self._heed(topic, one)
                if part is not None:
                    parts.append(part)
                    records_most, bytes_most = records_most - len(part), bytes_most - part.nbytes
            if parts:
                found.append((self._inboxes[topic], Records.concatenated(parts)))
        if found:
            self._watch.records_came()
        else:
            time.sleep(wait_s)
        return found

    def caught_up(self, part: Part, settled: int) -> int:
        """Where reading goes on behind what is settled below an offset: behind offsets without a record, too."""
        queue = self._queues.get(part[0].topic)
        return queue.caught_up(part[1], settled) if queue else settled

    def close(self) -> None:
        """Leave the group, which revokes what it gave."""
        if not self._closed:
            self._closed = True
            self.drop()
            for queue in self._queues.values():
                queue.close()
            self._consumer.close()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._closed:
            consumer.unassign()
            return
        consumer.assign([])  # else the library assigns by itself, at the group's offsets
        known = [one for one in partitions if one.topic in self._inboxes]
        self._on_assign([(self._inboxes[one.topic], one.partition) for one in known])

    def _revoked(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._on_revoke()
        self.drop()

    def _queue_of(self, inbox: Inbox) -> LogQueue:
        if inbox.topic not in self._queues:
            queue = LogQueue(self._kafka, self._consumer, inbox.topic, inbox.partitions, header_ids=True)
            self._queues[inbox.topic] = queue
        return self._queues[inbox.topic]

    def _heed(self, topic: str, reported: Reported) -> None:
        """Raises what waiting cannot fix."""
        if reported.error.code() != KafkaError._PARTITION_EOF:
            self._watch.doubt()
            if reported.error.code() == KafkaError._AUTO_OFFSET_RESET:
                raise InboxChanged(f"topic {topic}, partition {reported.partition}: {reported.error.str()}")
            check_reported(topic, reported)
