"""Every consumer there is: the members of the workers' group, and readers, which no group assigns anything to."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError

from dompet.schemas.errors import DompetError

UNPACKED_BYTES = 100_000_000
"""How large a batch of Kafka's may be, also when it is unpacked, to be read among others (librdkafka's default)."""
UNPACKED_BYTES_MAX = 268_435_456
"""How large it may be to be read at all, by itself. What is a dead letter hangs on it, so no setting changes it."""
FETCHING: Final = {
    "queued.min.messages": 10_000,  # of each partition; more only takes memory
    "queued.max.messages.kbytes": 65_536,
    "fetch.queue.backoff.ms": 5,  # the default of a second holds a fast reader back
    "fetch.message.max.bytes": 1_048_576,
    "fetch.wait.max.ms": 50,
}
"""How much is fetched before it is asked for, and how soon: for who reads whole partitions."""
TUNING: Final = {
    **FETCHING,
    "enable.auto.commit": False,  # the warehouse's checkpoints decide; the group's offsets are for lag tools
    "auto.offset.reset": "error",
    "enable.partition.eof": True,  # shows where the offsets before a partition's end hold no records
    "check.crcs": True,
}
PACE: Final = {
    "session.timeout.ms": 10_000,
    "max.poll.interval.ms": 900_000,  # an assignment rebuilds state within a poll
}
"""How long the group waits for a member; the settings may say otherwise."""
_READING: Final = {
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "enable.partition.eof": True,  # the offsets before the end may hold no records
    "check.crcs": True,
}
_ANSWER_BYTES: Final = 52_428_800
"""How much a broker is asked for at once, of all partitions (librdkafka's default)."""
_log = logging.getLogger("rdkafka")

_EAGER: Final[Mapping[str, Callable[[str], bool]]] = {
    "partition.assignment.strategy": lambda value: "cooperative" not in value,
    "group.protocol": lambda value: value.lower() == "classic",
}
"""A group has members of one kind only, so workers of all releases must be of the same."""


class GroupSettingRefused(DompetError):
    """A setting by which the group would take partitions away one by one."""


def consumer_settings(kafka: Mapping[str, Any], group: str) -> dict[str, Any]:
    """librdkafka's settings of a member of the workers' group. Raises GroupSettingRefused."""
    for name, is_eager in _EAGER.items():
        if name in kafka and not is_eager(str(kafka[name])):
            raise GroupSettingRefused(
                f"{name}={kafka[name]}: the workers' group rebalances eagerly, in Kafka's classic protocol; what stays"
                " with a worker keeps its state all the same"
            )
    return {**PACE, **kafka, **TUNING, "group.id": group}


def member(
    kafka: Mapping[str, Any], group: str, error_cb: Callable[[KafkaError], None], stats_cb: Callable[[str], None]
) -> Consumer:
    """A member of the workers' group, which is to subscribe. `error_cb` hears of faults that are no partition's,
    `stats_cb` once a second of what librdkafka knows.
    """
    own = {"error_cb": error_cb, "stats_cb": stats_cb, "statistics.interval.ms": 1_000, **_room(UNPACKED_BYTES)}
    return Consumer({**consumer_settings(kafka, group), **own}, logger=_log)


def reader(
    kafka: Mapping[str, Any], name: str, settings: Mapping[str, Any] | None = None, *, large: bool = False
) -> Consumer:
    """A consumer to which partitions are assigned by hand; it reports their ends. `name` shows on the broker.

    `large`: it takes the largest batches there may be. `settings`: what else this reader needs of librdkafka, by its
    names. Nothing is committed and no group is joined.
    """
    room = _room(UNPACKED_BYTES_MAX if large else UNPACKED_BYTES)
    own = {"group.id": f"dompet-{name}", **room, **(settings or {})}
    return Consumer({**kafka, **_READING, **own}, logger=_log)


def _room(unpacked_bytes: int) -> dict[str, int]:
    """librdkafka has one setting for how large an answer of the broker may be, and for what a batch may unpack to."""
    return {
        "receive.message.max.bytes": unpacked_bytes,
        "fetch.max.bytes": min(unpacked_bytes // 2, _ANSWER_BYTES),
    }
