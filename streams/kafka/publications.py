"""Publishing records of the log again, each into a partition that is chosen for it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaError, Message, Producer

from dompet.streams.kafka.producer import event_producer

_DELIVERY_S: Final = 30
_log = logging.getLogger("rdkafka")


@dataclass(frozen=True)
class Publication:
    """A record to publish into a partition of the log, with the id of the action that publishes it."""

    action_id: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def publish(kafka: Mapping[str, str], topic: str, records: Sequence[Publication]) -> tuple[dict[str, int], str]:
    """Publish records, in order; their offsets by action, of those that were acknowledged, and why others were not,
    empty where all were. Those may be in the log all the same.
    """
    own = {"delivery.timeout.ms": _DELIVERY_S * 1000, "client.id": "dompet", "message.max.bytes": 1_000_000_000}
    others = {name: value for name, value in kafka.items() if name != "bootstrap.servers"}
    producer = event_producer(kafka["bootstrap.servers"], others, _log, **own)
    offsets: dict[str, int] = {}
    refused: list[str] = []

    for record in records:

        def on_delivery(error: KafkaError | None, message: Message, action_id: str = record.action_id) -> None:
            if error is None:
                offsets[action_id] = int(message.offset() or 0)
            else:
                refused.append(error.str())

        _produce(producer, topic, record, on_delivery)
        if refused:
            break  # what follows of the same person must not come before it
    if producer.flush(_DELIVERY_S + 5):
        refused.append("the broker did not answer in time")
    return offsets, refused[0] if refused else ""


def _produce(producer: Producer, topic: str, record: Publication, on_delivery: Any) -> None:
    headers: list[tuple[str, str | bytes | None]] = list(record.headers)
    while True:
        try:
            producer.produce(
                topic, record.value, record.key, record.partition, on_delivery=on_delivery, headers=headers
            )
            producer.poll(0)
            return
        except BufferError:
            producer.poll(0.1)
