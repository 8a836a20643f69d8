"""Every producer there is: those of events, which keep their order and their partition, and that of dead letters."""

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from confluent_kafka import Producer

from dompet.schemas.errors import DompetError

Setting = str | int | bool

_ALWAYS: Final[Mapping[str, Setting]] = {
    "enable.idempotence": True,  # a retry neither doubles an event nor passes the one before it
    "acks": "all",
    "partitioner": "murmur2_random",  # Java's: every client finds the same partition for a person
}
_DEFAULTS: Final[Mapping[str, Setting]] = {
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
DELIVERY_LIMIT_S: Final = 30
"""How long a dead letter may take, before its sending has failed."""
_LETTERS: Final = {
    "enable.idempotence": True,
    "delivery.timeout.ms": DELIVERY_LIMIT_S * 1000,
    "compression.type": "zstd",  # what was small on the log because it was compressed must fit here, too
    "message.max.bytes": 1_000_000_000,
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
    return {**_DEFAULTS, **config, **_ALWAYS, "bootstrap.servers": bootstrap_servers}


def event_producer(
    bootstrap_servers: str, config: Mapping[str, Setting], log: logging.Logger, **settings: Any
) -> Producer:
    """A producer of events or listings, with `producer_settings`. Raises SettingRefused.

    `settings`: callbacks, and what else this producer needs of librdkafka, by its names.
    """
    return Producer({**producer_settings(bootstrap_servers, config), **settings}, logger=log)


def letter_producer(kafka: Mapping[str, Any]) -> Producer:
    """A producer of dead letters."""
    return Producer({**kafka, **_LETTERS}, logger=logging.getLogger("rdkafka"))


def without_passwords(text: str) -> str:
    """Text that names servers, as it may be shown: without anything like `user:password@`."""
    return re.sub(r"[^,/ ]*@", "", text)
