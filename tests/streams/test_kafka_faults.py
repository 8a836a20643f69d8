"""Which of Kafka's errors a worker waits out, and which end it."""

import pytest
from confluent_kafka import KafkaError

from dompet.streams.kafka_faults import unreadable
from dompet.streams.patience import Unavailable

HEAL = (
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._UNKNOWN_PARTITION,  # a broker that has just started again may not know its partitions yet
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
)
LAST = (
    KafkaError._AUTHENTICATION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.OFFSET_OUT_OF_RANGE,
    KafkaError._BAD_MSG,
)


@pytest.mark.parametrize("code", HEAL)
def test_what_a_broker_says_while_it_starts_or_is_away_is_waited_out(code: int) -> None:
    assert isinstance(unreadable("partition 4", KafkaError(code)), Unavailable)


@pytest.mark.parametrize("code", LAST)
def test_what_waiting_cannot_mend_is_not_waited_for(code: int) -> None:
    fault = unreadable("partition 4", KafkaError(code))
    assert not isinstance(fault, Unavailable)
    assert str(fault).startswith("partition 4: ")
