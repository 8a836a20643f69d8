"""The partition of a key, as every Kafka client in the programme must find it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.murmur2 import murmur2, partition_of
from tests.support.kafka_python import murmur2 as murmur2_of_kafka_python

PUBLISHED = {  # in UtilsTest.java of Apache Kafka
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_the_hash_is_the_one_that_java_publishes(key: bytes) -> None:
    assert murmur2(key) == PUBLISHED[key]


@given(st.binary(max_size=70))
def test_the_hash_is_kafka_pythons(key: bytes) -> None:
    assert murmur2(key) & 0xFFFFFFFF == murmur2_of_kafka_python(key) & 0xFFFFFFFF


@given(st.binary(max_size=70), st.integers(1, 1000))
def test_a_partition_lies_within_the_topic(key: bytes, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


def test_the_sign_is_dropped_before_the_remainder() -> None:
    assert partition_of(b"foobar", 12) == (-790332482 & 0x7FFFFFFF) % 12
