"""Looks at a router while it empties an inbox: `python -m tests.bench.run_router`, for a process of its own.

Prints a line of JSON: events a second from the first settled record to the last, the router's processor time an event,
and the rate of a plain consumer and producer that copy the same inbox.
"""

import argparse
import json
import os
import time
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

_LOOK_S: Final = 0.02
_LIMIT_S: Final = 300.0
_ASK_S: Final = 10.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_TAKEN: Final = 10_000


def cpu_seconds(pid: int) -> float:
    """The processor time of a process."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def watched(bootstrap: str, inbox: str, group: str, pid: int, events: int) -> tuple[float, float]:
    """Events a second, and microseconds of the router's processor time an event."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    place = TopicPartition(inbox, 0)
    deadline = time.monotonic() + _LIMIT_S
    first = first_s = first_cpu_s = 0.0
    while (settled := _settled(consumer, place)) < events:
        if settled > 0 and not first:
            first, first_s, first_cpu_s = settled, time.perf_counter(), cpu_seconds(pid)
        if time.monotonic() > deadline:
            raise RuntimeError(f"the router settled {settled} of {events} records within {_LIMIT_S:.0f} s")
        time.sleep(_LOOK_S)
    seconds, cpu_s = time.perf_counter() - first_s, cpu_seconds(pid) - first_cpu_s
    consumer.close()
    if not first:
        raise RuntimeError("the router settled all at once: there are too few events to measure it")
    return (events - first) / seconds, 1e6 * cpu_s / (events - first)


def _settled(consumer: Consumer, place: TopicPartition) -> int:
    """How far the group has committed; below 0 where nothing, or while the broker finds the group's coordinator."""
    try:
        return int(consumer.committed([place], timeout=_ASK_S)[0].offset)
    except KafkaException:
        return -1


def copied(bootstrap: str, inbox: str, events: int) -> float:
    """Events a second of a consumer and a producer of librdkafka in Python, with the same guarantees."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "copies", "enable.auto.commit": False})
    consumer.assign([TopicPartition(inbox, 0, OFFSET_BEGINNING)])
    settings = {"acks": "all", "enable.idempotence": True, "linger.ms": 5, "partitioner": "murmur2_random"}
    producer = Producer({"bootstrap.servers": bootstrap, **settings, "queue.buffering.max.messages": 1_000_000})
    topic, count = f"{inbox}.copied", 0
    began_s = 0.0
    while count < events:
        messages = consumer.consume(_TAKEN, 1.0)
        began_s = began_s or time.perf_counter()
        for message in messages:
            producer.produce(topic, message.value(), message.key())
        count += len(messages)
        producer.poll(0)
    producer.flush()
    seconds = time.perf_counter() - began_s
    consumer.close()
    return count / seconds


def main() -> None:
    """Look on, then copy, and print what was found."""
    parser = argparse.ArgumentParser()
    for name in ("--bootstrap-servers", "--inbox", "--group"):
        parser.add_argument(name, required=True)
    for name in ("--pid", "--events"):
        parser.add_argument(name, type=int, required=True)
    options = parser.parse_args()
    where = options.bootstrap_servers, options.inbox
    rate, cpu_us = watched(*where, options.group, options.pid, options.events)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(json.dumps({"rate": rate, "cpu_us": cpu_us, "plain_rate": copied(*where, options.events)}))


if __name__ == "__main__":
    main()
