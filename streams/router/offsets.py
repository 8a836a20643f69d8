"""The offsets of the routers' group, and the ends of the inboxes' partitions."""

import logging
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from dompet.streams.kafka.faults import LogUnavailable, unreadable
from dompet.streams.router.inboxes import Inbox

log = logging.getLogger("dompet.router")

_ASK_S: Final = 10.0
_NOT_A_MEMBER: Final = frozenset(
    {
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError._ASSIGNMENT_LOST,
        KafkaError._STATE,
    }
)

Part = tuple[Inbox, int]
"""A partition of an inbox."""


class NotOurs(Exception):
    """No error: the group has given the partitions to another member, or is about to."""


class Offsets:
    """Those that a member of the group, by its consumer, may ask for and commit. For the consumer's thread."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def committed(self, parts: Sequence[Part]) -> dict[Part, TopicPartition]:
        """What the group has of each; an offset below 0 where nothing. Raises LogUnreadable."""
        try:
            found = self._consumer.committed([_place(part) for part in parts], timeout=_ASK_S)
        except KafkaException as error:
            raise unreadable("the offsets of the routers' group", error.args[0]) from None
        by_place = {(one.topic, one.partition): one for one in found}
        if failed := next((one.error for one in found if one.error is not None), None):
            raise unreadable("the offsets of the routers' group", failed)
        return {part: by_place[part[0].topic, part[1]] for part in parts}

    def commit(self, offsets: list[TopicPartition]) -> None:
        """Commit, and wait until the group took it. Raises NotOurs where it does not, LogUnavailable."""
        try:
            answered = self._consumer.commit(offsets=offsets, asynchronous=False)
            failed = next((one.error for one in answered or () if one.error is not None), None)
        except KafkaException as error:
            failed = error.args[0]
        if failed is not None:
            if failed.code() in _NOT_A_MEMBER:
                log.info("the group does not take what this router commits: %s", failed.str())
                raise NotOurs
            raise unreadable("the offsets of the routers' group", failed)

    def ends(self, part: Part) -> tuple[int, int]:
        """The first offset of a partition and the one after its last. Raises LogUnreadable."""
        place = _place(part)
        try:
            found = self._consumer.get_watermark_offsets(place, timeout=_ASK_S)
        except KafkaException as error:
            raise unreadable(f"topic {place.topic}, partition {place.partition}", error.args[0]) from None
        if found is None:
            raise LogUnavailable(f"topic {place.topic}, partition {place.partition}: the broker did not answer in time")
        return int(found[0]), int(found[1])

    def known_end(self, part: Part) -> int:
        """Where a partition ends, as last heard."""
        found = self._consumer.get_watermark_offsets(_place(part), cached=True)
        return int(found[1]) if found else 0


def _place(part: Part) -> TopicPartition:
    return TopicPartition(part[0].topic, part[1])
