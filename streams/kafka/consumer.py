"""The settings of the consumers that read the log, and of the group that workers are."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from dompet.schemas.errors import DompetError

TUNING: Final = {
    "enable.auto.commit": False,  # the warehouse's checkpoints decide; the group's offsets are for lag tools
    "auto.offset.reset": "error",
    "enable.partition.eof": False,
    "check.crcs": True,
    "queued.min.messages": 10_000,  # of each partition; more only takes memory
    "queued.max.messages.kbytes": 262_144,
    "fetch.queue.backoff.ms": 5,  # the default of a second holds a fast reader back
    "fetch.message.max.bytes": 1_048_576,
    "fetch.wait.max.ms": 50,
}
PACE: Final = {
    "session.timeout.ms": 10_000,
    "max.poll.interval.ms": 900_000,  # an assignment rebuilds state within a poll
}
"""How long the group waits for a member; the settings may say otherwise."""

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
