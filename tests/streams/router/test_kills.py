"""Routers that are killed, stopped, started and ended at any moment: each record is on the log once, in order."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.streams.router.marks import Mark
from tests.support.inboxes import purchase, put
from tests.support.routers import LIMIT_S, Routing, routing, until

MEMBER = {"DOMPET_KAFKA__GROUP_INSTANCE_ID": "one", "DOMPET_KAFKA__SESSION_TIMEOUT_MS": "6000"}
"""A killed member that is started again is the group's at once."""


@contextmanager
def fed(run: Routing, partitions: int = 1, pause_s: float = 0.03) -> Iterator[list[int]]:
    """Publishers put records in, a few at a time, while the block runs; how many are in so far."""
    over, count = threading.Event(), [0]

    def feed() -> None:
        while not over.is_set():
            for name, inbox in run.inboxes.items():
                part = (count[0] // 40) % partitions
                people = [(part + partitions * number) for number in range(40)]
                put(run.kafka, inbox.topic.name, [purchase(name, count[0] + one, one % 9) for one in people], part)
                # Another writer of the log, such as a gateway, goes in between.
                put(run.kafka, run.log, [purchase(name, count[0], 3)])
                count[0] += 40
            over.wait(pause_s)

    feeding = threading.Thread(target=feed)
    feeding.start()
    try:
        yield count
    finally:
        over.set()
        feeding.join()


def test_after_kills_at_any_moment_nothing_is_missing_and_nothing_is_there_twice(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    rng = Random(20)
    with routing(kafka, kafka_admin, tmp_path, publishers=("one", "two")) as run:
        run.variables = MEMBER
        for name, inbox in run.inboxes.items():
            put(kafka, inbox.topic.name, [purchase(name, number, number % 50) for number in range(8_000)])
        for _ in range(5):  # while it is busy: a round is nearly always on its way, or not committed yet
            with run.router(batch=17, router_lease_seconds=2) as router:
                before = run.settled()
                until(lambda before=before: run.settled() > before, router)  # type: ignore[misc]
                time.sleep(rng.random() / 5)
                router.end(signal.SIGKILL)
        assert run.settled() < 16_000, "none was killed in the middle"
        with fed(run), run.router(router_lease_seconds=2) as router:
            until(lambda: run.settled() > 16_100, router)
            run.until_settled(router)
            assert router.end() == 0, router.said.read_text()
        with run.router() as last:
            run.until_settled(last)
        run.assert_whole()


def test_what_a_router_found_on_the_log_is_found_again_by_the_one_after_it(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    count = 1_500
    with routing(kafka, kafka_admin, tmp_path) as run:
        [(name, inbox)] = run.inboxes.items()
        put(kafka, inbox.topic.name, [purchase(name, number, number % 50) for number in range(count)])
        with run.router() as first:
            run.until_settled(first)
            assert first.end() == 0
        forget_commits(run, count)
        run.variables = MEMBER
        with run.router(batch=7, router_lease_seconds=2) as second:
            until(lambda: run.settled() > 0, second)
            second.end(signal.SIGKILL)
        assert 0 < run.settled() < count, "it was not killed in the middle"
        with run.router() as third:
            run.until_settled(third)
        run.assert_whole()


def forget_commits(run: Routing, count: int) -> None:
    """As if the router had been killed when all of the inbox's records were on the log, and none was committed."""
    [inbox] = run.inboxes.values()
    place = TopicPartition(inbox.topic.name, 0)
    consumer = Consumer({"bootstrap.servers": run.kafka, "group.id": run.group, "log_level": 0})
    try:
        [committed] = consumer.committed([place], timeout=10)
        assert committed.offset == count
        mark = Mark.of(committed.metadata)
        assert mark is not None
        begun = Mark(mark.log_id, mark.inbox_id, (0,) * len(mark.ends))
        consumer.commit(offsets=[TopicPartition(inbox.topic.name, 0, 0, begun.metadata)], asynchronous=False)
    finally:
        consumer.close()


def test_a_router_that_was_stopped_meanwhile_sends_nothing_that_its_successor_has_sent(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run:
        run.variables = {"DOMPET_KAFKA__SESSION_TIMEOUT_MS": "6000"}
        with fed(run), run.router(batch=11) as first:
            until(lambda: run.settled() > 100, first)
            first.send(signal.SIGSTOP)
            with run.router(batch=50) as second:
                before = run.settled()
                until(lambda: run.settled() > before + 400, second)
                if first.process.poll() is None:
                    first.send(signal.SIGCONT)
                before = run.settled()
                until(lambda: run.settled() > before + 200, second)
                if first.process.poll() is None:
                    assert first.end() == 0, first.said.read_text()
                run.until_settled(second)
                assert second.end() == 0, second.said.read_text()
        with run.router() as last:
            run.until_settled(last)
        run.assert_whole()


def test_routers_that_come_and_go_share_the_inboxes(kafka: str, kafka_admin: AdminClient, tmp_path: Path) -> None:
    with routing(kafka, kafka_admin, tmp_path, publishers=("one", "two"), partitions=2) as run:
        with fed(run, partitions=2), run.router(batch=29) as first:
            until(lambda: run.settled() > 100, first)
            with run.router(batch=31) as second:
                until(lambda: second.health().get("routed", 0) > 100, second)
                assert first.end() == 0, first.said.read_text()
                with run.router(batch=43) as third:
                    until(lambda: third.health().get("routed", 0) > 100, third)
                    run.until_settled(third)
                    assert (second.end(), third.end()) == (0, 0)
        with run.router() as last:
            began = time.monotonic()
            run.until_settled(last)
            assert time.monotonic() - began < LIMIT_S
        run.assert_whole()
