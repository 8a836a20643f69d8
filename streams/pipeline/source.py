"""The source: reads the log with librdkafka, a batch at a time, from where the warehouse's checkpoints say."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from dompet.schemas.records import Records
from dompet.streams.kafka.consumer import member
from dompet.streams.kafka.ends import LogEnds
from dompet.streams.kafka.faults import BrokerWatch, Reported, check_reported, reported_by
from dompet.streams.kafka.group_claim import GroupClaim
from dompet.streams.kafka.log_queue import LogQueue, first_size
from dompet.streams.kafka.topic_guard import TopicGuard
from dompet.streams.kafka.transactions import Behind, OpenTransaction, TransactionWatch
from dompet.streams.pipeline.projector import Projector
from dompet.streams.pipeline.resuming import check_range
from dompet.streams.process.log_lines import fields
from dompet.streams.process.patience import Patience

log = logging.getLogger("dompet.source")

_WAIT_S: Final = 0.1


@dataclass(frozen=True)
class Batch:
    """Records of one assignment, by partition in the log's order."""

    records: Records
    generation: int


class Source:
    """A member of the workers' consumer group. All methods but `lags` are for one thread."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        group: str,
        topic: str,
        projector: Projector,
        batch_size: int,
        batch_bytes: int,
        patience: Patience,
        claim: GroupClaim,
        topics: TopicGuard,
    ) -> None:
        self._topic = topic
        self._patience = patience
        self._claim = claim
        self._topics = topics
        self._watch = BrokerWatch(topic, kafka["bootstrap.servers"], patience)
        self._projector = projector
        self._batch_size = batch_size
        self._batch_bytes = batch_bytes
        self._size = first_size(batch_size)
        self._failure: BaseException | None = None
        self._closed = False
        self._committed: dict[int, int] = {}
        self.generation = self.rebalances = 0
        self.partitions: tuple[int, ...] = ()
        self.assigned = False
        self._ends = LogEnds(topic, self._watch)
        self._transactions = TransactionWatch(kafka, topic)
        self._consumer = member(kafka, group, self._watch.on_error, self._ends.on_statistics)
        self._ends.follow(self._consumer)
        self.partition_count = self._ends.count_partitions()
        self._log = LogQueue(kafka, self._consumer, topic, self.partition_count)
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
        size, room, generation, began = 0, self._batch_bytes, self.generation, time.monotonic()
        while size < self._size and room > 0:
            self._serve_group()
            part, reported, drained = self._log.read(self._size - size, room, _WAIT_S)
            last = drained and time.monotonic() - began > _WAIT_S
            if failure := self._failure or self._watch.failure:
                raise failure
            if generation != self.generation:  # what was read before an assignment is read again after it
                parts, size, room, generation = [], 0, self._batch_bytes, self.generation
                self._size = first_size(self._batch_size)
            for one in reported:
                self._heed(one)
            if (place := self._log.own_time) is not None:
                self._topics.refuse_time(*place)
            if part is not None:
                parts.append(part)
                size, room = size + len(part), room - part.nbytes
            if last:
                break
        self._commit()
        self._transactions.look(self._behind())
        if not parts:
            self._watch.look(self._consumer)
            return None
        self._watch.records_came()
        self._projector.progress.steps["read"].add(time.monotonic() - began)
        self._size = min(2 * self._size, self._batch_size) if size >= self._size else self._size
        return Batch(Records.concatenated(parts), generation)

    def _serve_group(self) -> None:
        """Let the consumer call back. Records come by their own queue, so what it returns is at most a fault."""
        message = self._consumer.poll(0)
        if self._failure is not None:  # whatever else was reported follows from it
            raise self._failure
        if message is not None:
            self._heed(reported_by(message))

    def _heed(self, reported: Reported) -> None:
        """Raises LogUnreadable where it reports what waiting cannot fix, OffsetOutOfRange where records are gone."""
        if reported.error.code() != KafkaError._PARTITION_EOF:
            self._watch.doubt()
            if reported.error.code() == KafkaError._AUTO_OFFSET_RESET and reported.partition in self.partitions:
                stored = self._projector.progress.next_offsets.get(reported.partition, 0)
                check_range(reported.partition, stored, *self._ends.read(reported.partition))
            check_reported(self._topic, reported)

    def lags(self) -> dict[int, int]:
        """By assigned partition, records that are on the log, as last heard, and not in the journal. Offsets without a
        record are none, and what is behind an open transaction is not there yet.
        """
        return {partition: max(self._ends.end(partition) - offset, 0) for partition, offset in self.stored().items()}

    def stored(self) -> dict[int, int]:
        """By assigned partition: the offset below which the journal has all records there are."""
        stored = self._projector.progress.next_offsets
        return {one: self._log.caught_up(one, stored.get(one, 0)) for one in self.partitions}

    def ends(self) -> dict[int, int]:
        """The log's end now, by partition of the whole topic, as far as open transactions let it be read."""
        return {partition: self._ends.read(partition)[1] for partition in range(self.partition_count)}

    @property
    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        """Those that keep records of the assigned partitions back for some time."""
        return self._transactions.now

    def _behind(self) -> Behind:
        """What is behind an open transaction, of the assigned partitions."""
        return {partition: ends for partition, ends in self._ends.behind.items() if partition in self.partitions}

    def has_read_all(self) -> bool:
        """Whether the journal has all that the assigned partitions hold now, and nothing is in an open transaction: a
        purchase still to be read forbids a sweep.
        """
        stored, ends = self.stored(), self.ends()
        return not self._behind() and all(stored[partition] >= ends[partition] for partition in stored)

    def close(self) -> None:
        """Leave the group; nothing where that was done, for the library's queue must not be freed twice."""
        if self._closed:
            return
        self._commit()
        self._closed = True
        self._log.close()
        self._consumer.close()

    def _on_assign(self, consumer: Consumer, assigned: list[TopicPartition]) -> None:
        """Rebuild the state as of the checkpoints and read on from them. Runs within `read`.

        Also within `close`, where the group has assigned something meanwhile: nothing is left that could take it then.
        """
        if self._closed:
            consumer.unassign()
            return
        self.generation += 1
        self.partitions = tuple(sorted(one.partition for one in assigned))
        numbers = fields(partitions=len(assigned))
        log.info(
            "assigned %d of %d partitions; recovering their state", len(assigned), self.partition_count, extra=numbers
        )
        try:
            self._patience.through(self._claim.check)
            ends = {partition: self._patience.through(self._ends.read, partition) for partition in self.partitions}
            positions = self._projector.assign(ends, self.generation)
            self._log.assign(positions)
        except Exception as error:  # noqa: BLE001  (librdkafka would swallow it: `read` raises it)
            self._failure = error
            # Else the library assigns by itself, at the group's offsets, and what it says of those may be heard first.
            consumer.unassign()
            self.partitions = ()  # a refused worker that commits on leaving would name its warehouse to the group
            return
        self.assigned = True
        self.rebalances += 1
        self._committed = {}
        self._commit()  # so that the group says which warehouse it feeds, before anybody else can be assigned a part
        wallets = self._projector.wallets
        log.info("recovered %d wallets; reading on", wallets, extra=fields(wallets=wallets))

    def _on_revoke(self, _: Consumer, __: list[TopicPartition]) -> None:
        """What is in flight is either stored, as its successor would store it, or ignored: its generation is over."""
        self.generation += 1
        self.partitions = ()
        self.assigned = False
        self._log.drop()

    def _commit(self) -> None:
        """Commit to the group how far the journal is, for tools that show lag, and which warehouse it is in."""
        news = {p: offset for p, offset in self.stored().items() if offset > self._committed.get(p, -1)}
        if news:
            self._committed.update(news)
            try:
                metadata = self._claim.metadata
                offsets = [TopicPartition(self._topic, p, offset, metadata) for p, offset in news.items()]
                self._consumer.commit(offsets=offsets, asynchronous=True)
            except KafkaException as error:
                log.debug("the group's offsets were not committed: %s", error)
