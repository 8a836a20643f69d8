"""The settings of a producer whose events keep their order and their partition, checked before anything is sent."""

import re
from collections.abc import Mapping
from typing import Final

from dompet.schemas.errors import DompetError

Setting = str | int | bool

_ALWAYS: Final[Mapping[str, Setting]] = {
    "enable.idempotence": True,  # a retry neither doubles an event nor passes the one before it
    "acks": "all",
    "partitioner": "murmur2_random",  # Java's: every client finds the same partition for a person
}
_UNLESS_TOLD: Final[Mapping[str, Setting]] = {
    "client.id": "dompet-publisher",
    "linger.ms": 20,
    "compression.type": "lz4",  # measured: no slower than none, and half the bytes
    "delivery.timeout.ms": 120_000,
    "log_level": 5,  # notices and worse: while it closes it writes to the terminal itself, past any logger
}
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "enable.idempotence": frozenset({"true"}),
    "acks": frozenset({"all", "-1"}),
    "request.required.acks": frozenset({"all", "-1"}),
    "partitioner": frozenset({"murmur2_random", "murmur2"}),
    "queuing.strategy": frozenset({"fifo"}),
    "transactional.id": frozenset(),
    "delivery.report.only.error": frozenset(),
    "bootstrap.servers": frozenset(),
    "metadata.broker.list": frozenset(),
}


class SettingRefused(DompetError):
    """A producer setting that Kafka does not know, or that would lose, reorder or misplace events."""


def producer_settings(bootstrap_servers: str, config: Mapping[str, Setting]) -> dict[str, Setting]:
    """librdkafka's settings: the publisher's own, with those of `config`. Raises SettingRefused."""
    for name, value in config.items():
        if name in _ALLOWED and str(value).lower() not in _ALLOWED[name]:
            allowed = " or ".join(sorted(_ALLOWED[name]))
            raise SettingRefused(
                f"{name}={value}: the publisher needs {name}={allowed}, or events could be lost or lose their order"
                if allowed
                else f"{name} cannot be set: the publisher sets it itself, or must not have it"
            )
    return {**_UNLESS_TOLD, **config, **_ALWAYS, "bootstrap.servers": bootstrap_servers}


def without_passwords(text: str) -> str:
    """Text that names servers, as it may be shown: without anything like `user:password@`."""
    return re.sub(r"[^,/ ]*@", "", text)
