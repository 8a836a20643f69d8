"""What publishers put into their inboxes."""

from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, Producer

from dompet.schemas.wire import encode_fields

TIME_US = 1_600_000_000_000_000

Sent = tuple[bytes | None, bytes | None]
"""Key and value."""


def purchase(publisher: str, number: int, person: int = 0, **other: Any) -> tuple[bytes, bytes]:
    """A purchase that the publisher sells, as key and value."""
    fields = {
        "event_id": f"{publisher}-{number}",
        "beneficiary_id": f"b-{person}",
        "publisher_id": publisher,
        "occurred_at": TIME_US + number,
        "platform_id": publisher,
        "order_id": f"order-{number}",
        "course_id": "course-1",
        "institution_id": "inst-1",
        "price": 350_000,
        "commission": 35_000,
        **other,
    }
    return str(fields["beneficiary_id"]).encode(), encode_fields("CoursePurchased", fields)


def put(kafka: str, topic: str, records: Iterable[Sent], partition: int | None = None, **settings: Any) -> None:
    """Produce them, in order, by any client's default partitioner."""
    producer = Producer({"bootstrap.servers": kafka, "log_level": 0, "linger.ms": 5, **settings})
    refused: list[str] = []

    def delivered(error: KafkaError | None, _: object) -> None:
        if error is not None:
            refused.append(error.str())

    for key, value in records:
        producer.produce(topic, value, key, -1 if partition is None else partition, delivered)
    assert (producer.flush(30), refused) == (0, [])
