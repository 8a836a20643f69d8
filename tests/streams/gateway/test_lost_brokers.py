"""A producer of the gateway that knows no broker any more, as librdkafka's may after a broker's restart."""

import logging

import pytest

from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.streams.gateway.log_writer import reached
from dompet.streams.kafka.batch_producer import BatchProducer
from dompet.streams.kafka.producer import producer_settings


@pytest.mark.server
def test_a_producer_that_reaches_no_broker_starts_again_with_those_of_the_settings(kafka: str) -> None:
    lost = producer_settings(f"{HOST}:{free_port()}", {})
    producer = BatchProducer(declared_topics().log.name, lost, lambda _: None, logging.getLogger("rdkafka"))
    try:
        assert reached(producer, kafka).startswith("the log's broker does not answer: ")
        assert [reached(producer, kafka) for _ in range(5)][-1] == ""
    finally:
        producer.close()
