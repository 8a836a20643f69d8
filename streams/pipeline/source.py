"""The source: reads the log with librdkafka, a batch at a time, from where the warehouse's checkpoints say."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from dompet.schemas.records import Records
from dompet.streams.kafka.consumer import consumer_settings
from dompet.streams.kafka.faults import (
    BrokerWatch,
    LogUnavailable,
    LogUnreadable,
    check_reported,
    reported_by,
    unreadable,
)
from dompet.streams.kafka.group_claim import GroupClaim
from dompet.streams.kafka.messages import CHUNK, MessageQueue, first_size
from dompet.streams.pipeline.projector import Projector
from dompet.streams.process.patience import Patience

log = logging.getLogger("dompet.source")

_WAIT_S: Final = 0.1
_ASK_S: Final = 10.0


@dataclass(frozen=True)
class Batch:
    """Records of one assignment, by partition in the log's order."""

    records: Records
    generation: int


class Source:
    """A member of the workers' consumer group. All methods but `lag` are for one thread."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        group: str,
        topic: str,
        projector: Projector,
        batch_size: int,
        patience: Patience,
        claim: GroupClaim,
    ) -> None:
        self._topic = topic
        self._patience = patience
        self._claim = claim
        self._watch = BrokerWatch(topic, kafka["bootstrap.servers"], patience)
        self._projector = projector
        self._batch_size = batch_size
        self._size = first_size(batch_size)
        self._failure: BaseException | None = None
        self._closed = False
        self._committed: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self.generation = 0
        self.partitions: tuple[int, ...] = ()
        self.assigned = False
        settings = {**consumer_settings(kafka, group), "error_cb": self._watch.heard}
        self._consumer = Consumer(settings, logger=logging.getLogger("rdkafka"))
        self.partition_count = self._count_partitions()
        self._messages = MessageQueue(self._consumer, topic, self.partition_count)
        self._joined = False

    def read(self) -> Batch | None:
        """The next batch, or None where nothing came for a moment; raises LogUnreadable.

        The first one joins the group: a member that does not read yet would hold partitions that others could read.
        """
        if not self._joined:
            self._joined = True
            self._consumer.subscribe(
                [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
            )
        parts: list[Records] = []
        began, size, generation = time.monotonic(), 0, self.generation
        while size < self._size:
            self._serve_group()
            part, told = self._messages.read(self._size - size, _WAIT_S)
            last = (part is None or len(part) < CHUNK) and time.monotonic() - began > _WAIT_S
            if failure := self._failure or self._watch.failure:
                raise failure
            if generation != self.generation:  # what was read before an assignment is read again after it
                generation, parts, size, self._size = self.generation, [], 0, first_size(self._batch_size)
            for one in told:
                self._watch.doubt()
                check_reported(self._topic, one)
            if part is not None:
                parts.append(part)
                size += len(part)
            if last:
                break
        self._commit()
        if not parts:
            self._watch.look(self._consumer)
            return None
        self._watch.records_came()
        if size == self._size:
            self._size = min(2 * size, self._batch_size)
        return Batch(Records.concatenated(parts), generation)

    def _serve_group(self) -> None:
        """Let the consumer call back. Records come by their own queue, so what it returns is at most a fault."""
        if (message := self._consumer.poll(0)) is not None:
            self._watch.doubt()
            check_reported(self._topic, reported_by(message))

    def lag(self) -> int:
        """Records of the assigned partitions that are on the log, as last heard, and not in the journal."""
        stored = self._projector.progress.next_offsets
        return sum(max(self._end(partition) - stored.get(partition, 0), 0) for partition in self.partitions)

    def ends(self) -> dict[int, int]:
        """The log's end now, by partition of the whole topic."""
        return {partition: self._asked_ends(partition)[1] for partition in range(self.partition_count)}

    def close(self) -> None:
        """Leave the group."""
        self._commit()
        self._closed = True
        self._messages.close()
        self._consumer.close()

    def _end(self, partition: int) -> int:
        ends = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), cached=True)
        heard = int(ends[1]) if ends and ends[1] != OFFSET_INVALID else 0  # nothing once the group was left
        self._ends[partition] = max(heard, self._ends.get(partition, 0))
        return self._ends[partition]

    def _asked_ends(self, partition: int) -> tuple[int, int]:
        what = f"topic {self._topic}, partition {partition}"
        try:
            ends = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), timeout=_ASK_S)
        except KafkaException as error:
            self._watch.refresh_metadata(self._consumer)
            raise unreadable(what, error.args[0]) from None
        if ends is None:
            raise LogUnavailable(f"{what}: the broker did not answer in time")
        return int(ends[0]), int(ends[1])

    def _count_partitions(self) -> int:
        try:
            topic = self._consumer.list_topics(self._topic, timeout=_ASK_S).topics[self._topic]
        except KafkaException as error:
            raise unreadable("the Kafka broker cannot be reached", error.args[0]) from None
        if topic.error is not None:
            raise LogUnreadable(f"topic {self._topic}: {topic.error.str()} (`dompet topics` creates what is missing)")
        return len(topic.partitions)

    def _on_assign(self, consumer: Consumer, assigned: list[TopicPartition]) -> None:
        """Rebuild the state as of the checkpoints and read on from them. Runs within `read`.

        Also within `close`, where the group has assigned something meanwhile: nothing is left that could take it then.
        """
        if self._closed:
            consumer.unassign()
            return
        self.generation += 1
        self.partitions = tuple(sorted(one.partition for one in assigned))
        log.info("assigned %d of %d partitions; recovering their state", len(assigned), self.partition_count)
        try:
            self._patience.through(self._claim.check)
            ends = {partition: self._patience.through(self._asked_ends, partition) for partition in self.partitions}
            positions = self._projector.assign(ends, self.generation)
            self._ends.update({partition: high for partition, (_, high) in ends.items()})
            self._messages.forward(self.partitions)
            consumer.assign([TopicPartition(self._topic, p, offset) for p, offset in positions.items()])
        except Exception as error:  # noqa: BLE001  (librdkafka would swallow it: `read` raises it)
            self._failure = error
            return
        self.assigned = True
        self._committed = {}
        self._commit()  # so that the group says which warehouse it feeds, before anybody else can be assigned a part
        log.info("recovered %d wallets; reading on", self._projector.wallets)

    def _on_revoke(self, _: Consumer, __: list[TopicPartition]) -> None:
        """What is in flight is either stored, as its successor would store it, or ignored: its generation is over."""
        self.generation += 1
        self.partitions = ()
        self.assigned = False

    def _commit(self) -> None:
        """Tell the group how far the journal is, for tools that show lag, and which warehouse it is in."""
        stored = self._projector.progress.next_offsets
        news = {p: stored[p] for p in self.partitions if stored.get(p, 0) > self._committed.get(p, -1)}
        if news:
            self._committed.update(news)
            try:
                metadata = self._claim.metadata
                offsets = [TopicPartition(self._topic, p, offset, metadata) for p, offset in news.items()]
                self._consumer.commit(offsets=offsets, asynchronous=True)
            except KafkaException as error:
                log.debug("the group's offsets were not committed: %s", error)
