"""What a publisher puts into its inbox is on the log, once, where the fold reads it."""

from pathlib import Path

from confluent_kafka.admin import AdminClient

from dompet.schemas.murmur2 import partition_of
from dompet.schemas.wire import decode
from tests.support.inboxes import purchase, put
from tests.support.routers import origin_of, routing


def test_records_are_on_the_log_unchanged_in_their_partitions_with_their_origin(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run:
        [publisher] = run.inboxes
        sent = [purchase(publisher, number, person=number % 7) for number in range(50)]
        put(kafka, run.inboxes[publisher].topic.name, sent)
        with run.router() as router:
            run.until_routed(50, router)
            assert router.end() == 0, router.said.read_text()
        found = run.on_log()
        assert sorted((one.key(), one.value()) for one in found) == sorted(sent)
        assert all(one.partition() == partition_of(one.key(), 12) for one in found)
        inbox = run.inboxes[publisher].topic.name
        assert sorted(map(origin_of, found)) == [(inbox, 0, offset) for offset in range(50)]
        assert dict(found[0].headers())["dompet.origin.publisher"] == publisher.encode()
        assert all(decode(one.value())[1]["publisher_id"] == publisher for one in found)
        assert run.dead(publisher) == []


def test_a_router_that_is_started_again_puts_nothing_on_the_log_twice(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run:
        [publisher] = run.inboxes
        inbox = run.inboxes[publisher].topic.name
        for first in (0, 30, 60):
            put(kafka, inbox, [purchase(publisher, number) for number in range(first, first + 30)])
            with run.router() as router:
                run.until_routed(first + 30, router)
                assert router.end() == 0, router.said.read_text()
        assert run.origins() == {(inbox, 0, offset): 1 for offset in range(90)}
