"""Transactional producers, as many of other people's are."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from dompet.streams.kafka.admin import log_offsets
from tests.support.logs import RawRecord

_LIMIT_S = 120.0


@contextmanager
def transactions(kafka: str, name: str) -> Iterator[Producer]:
    """A producer for transactions; what it leaves open is aborted at the end."""
    settings = {"bootstrap.servers": kafka, "log_level": 0, "linger.ms": 0}
    producer = Producer({**settings, "transactional.id": name, "transaction.timeout.ms": 600_000})
    producer.init_transactions(_LIMIT_S)
    yield producer
    with suppress(KafkaException):  # none is open
        producer.abort_transaction(_LIMIT_S)


def begin(producer: Producer, topic: str, records: Sequence[RawRecord]) -> None:
    """Begin a transaction with these records in partition 0."""
    producer.begin_transaction()
    for record in records:
        producer.produce(topic, record.value, record.key, 0)
    producer.flush(_LIMIT_S)


def end_at(admin: AdminClient, topic: str, end: int) -> None:
    """Wait until partition 0 is settled up to there: a broker writes a marker after it has answered."""
    deadline = time.monotonic() + _LIMIT_S
    while (found := log_offsets(admin, topic, settled=True)[0][1]) != end:
        assert time.monotonic() < deadline, f"the log ends at {found}"
        time.sleep(0.02)
