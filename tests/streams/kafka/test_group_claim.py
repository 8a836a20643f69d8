"""A group of workers feeds one warehouse: the group itself says which, while it has members and when it has none."""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.infra.ports import HOST, free_port
from dompet.streams.kafka import group_claim
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.kafka.faults import LogUnavailable
from dompet.streams.kafka.group_claim import GroupClaim, OtherWarehouse
from dompet.streams.settings import read_settings
from tests.support.logs import made_log


class Ids(NamedTuple):
    """A warehouse's."""

    lines: tuple[str, ...]
    own: tuple[str, ...]


LOWER, HIGHER = Ids(("a1",), ("a1",)), Ids(("b2",), ("b2",))
RESTORED = Ids(("a1",), ("c3",))


class Group:
    """A group of workers on a log, without what they would do with its records."""

    def __init__(self, kafka: str, admin: AdminClient, topic: str) -> None:
        self.name = f"test-{uuid.uuid4()}"
        self._kafka = kafka
        self._admin = AdminSession(read_settings(kafka=kafka), admin)
        self._topic = topic
        self._members: list[Consumer] = []

    def claim(self, ids: Ids, *, moved: bool = False, topic: str = "") -> GroupClaim:
        url = f"chdb:///{ids.own[0]}"
        return GroupClaim(self._admin, self.name, topic or self._topic, 12, url, lambda: ids, moved=moved)

    def member(self, claim: GroupClaim, commits: bool = True) -> Consumer:
        """A member that has its assignment, and has said which warehouse it feeds if it `commits`."""
        settings = {"bootstrap.servers": self._kafka, "group.id": self.name, "enable.auto.commit": False}
        consumer = Consumer({**settings, "client.id": claim.client_id(None), "log_level": 0})
        self._members.append(consumer)
        consumer.subscribe([self._topic])
        while not consumer.assignment():
            for member in self._members:
                member.poll(0.1)
        if commits:
            places = [TopicPartition(self._topic, one.partition, 0, claim.metadata) for one in consumer.assignment()]
            consumer.commit(offsets=places, asynchronous=False)
        return consumer

    def leave(self, consumer: Consumer) -> None:
        self._members.remove(consumer)
        consumer.close()

    def close(self) -> None:
        for member in list(self._members):
            self.leave(member)


@pytest.fixture(scope="module")
def topic(kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        yield topic


@pytest.fixture
def group(kafka: str, kafka_admin: AdminClient, topic: str) -> Iterator[Group]:
    group = Group(kafka, kafka_admin, topic)
    yield group
    group.close()


def test_a_group_that_nobody_used_feeds_whichever_warehouse_comes(group: Group) -> None:
    for ids in (LOWER, HIGHER, RESTORED):
        group.claim(ids).check()


@pytest.mark.parametrize(("first", "second"), [(LOWER, HIGHER), (HIGHER, LOWER)])
def test_a_warehouse_that_comes_later_is_refused_with_both_named(group: Group, first: Ids, second: Ids) -> None:
    group.member(group.claim(first))
    group.claim(first).check()
    with pytest.raises(OtherWarehouse) as refused:
        group.claim(second).check()
    one, other = first.own[0], second.own[0]
    assert str(refused.value).startswith(
        f"group {group.name} feeds the warehouse chdb:///{one} (id {one}), and this worker has chdb:///{other} "
        f"(id {other}): workers of a group share the log, so each warehouse would lack what the other got: "
    )


def test_the_group_remembers_its_warehouse_when_nobody_is_in_it(group: Group) -> None:
    group.leave(group.member(group.claim(LOWER)))
    with pytest.raises(OtherWarehouse, match=r"move the group here by --move-group"):
        group.claim(HIGHER).check()
    group.claim(LOWER).check()


def test_a_group_is_moved_once_nobody_feeds_the_other_warehouse(group: Group) -> None:
    old = group.member(group.claim(LOWER))
    with pytest.raises(OtherWarehouse, match=r" from 127.0.0.1, .* or stop the workers that feed it$"):
        group.claim(HIGHER, moved=True).check()
    group.leave(old)
    moved = group.claim(HIGHER, moved=True)
    moved.check()
    group.member(moved)
    group.claim(HIGHER).check()
    with pytest.raises(OtherWarehouse):
        group.claim(LOWER).check()


def test_of_two_that_meet_before_the_group_says_anything_the_one_with_the_lower_id_stays(group: Group) -> None:
    group.member(group.claim(LOWER), commits=False)
    group.member(group.claim(HIGHER), commits=False)
    group.claim(LOWER).check()
    with pytest.raises(OtherWarehouse, match=r"feeds the warehouse one \(id a1\) from 127.0.0.1, "):
        group.claim(HIGHER).check()


def test_a_restored_copy_takes_the_place_of_its_warehouse_but_not_beside_it(group: Group) -> None:
    old = group.member(group.claim(LOWER))
    with pytest.raises(OtherWarehouse):
        group.claim(RESTORED).check()
    group.leave(old)
    restored = group.claim(RESTORED)
    restored.check()
    group.member(restored)
    with pytest.raises(OtherWarehouse):
        group.claim(LOWER).check()


def test_two_workers_that_made_an_id_of_one_warehouse_at_the_same_time_are_one(group: Group) -> None:
    group.member(group.claim(Ids(("a1",), ("a1",))))
    group.claim(Ids(("b2", "a1"), ("b2", "a1"))).check()


def test_a_group_may_feed_other_warehouses_from_other_logs(group: Group) -> None:
    group.member(group.claim(LOWER))
    group.claim(HIGHER, topic="another.log").check()


def test_a_broker_that_does_not_answer_says_nothing_of_its_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_claim, "LIMIT_S", 0.3)
    settings = read_settings(kafka=f"{HOST}:{free_port()}", kafka_config={"log_level": "0"})
    claim = GroupClaim(AdminSession(settings), "group", "log", 12, "chdb:///a", lambda: LOWER, moved=False)
    for _ in range(2):
        with pytest.raises(LogUnavailable, match=r"^the offsets of group group: "):
            claim.check()
