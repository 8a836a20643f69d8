"""The light publisher through a gateway: what is not taken now is sent again, and every event is acknowledged once."""

import socket
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.events import CourseReviewed
from dompet.schemas.wire import decode
from dompet.streams.client import EventsRefused, Gateway, NotDelivered, NotLetIn, Publisher
from dompet.streams.process.patience import Unavailable
from tests.support.gateway import Gateway as Running
from tests.support.gateway import publisher as made_publisher
from tests.support.gateway import until_taken
from tests.support.scripted import records, results, scripted


def review(number: int, name: str = "toko") -> CourseReviewed:
    return CourseReviewed(
        event_id=str(number), beneficiary_id=f"b-{number % 7}", publisher_id=name, occurred_at=1_586_592_000_000_000,
        platform_id=name, order_id="INV/1", rating=5,
    )  # fmt: skip


def publish(gateway: Gateway, count: int, name: str = "toko") -> int:
    with Publisher(gateway) as publisher:
        for number in range(count):
            publisher.publish(review(number, name))
    return publisher.acknowledged


def test_what_is_over_the_quota_waits_as_long_as_the_gateway_says(gateway: Running) -> None:
    entry, token = made_publisher(gateway.settings, quota=1_000)
    until_taken(gateway, token)
    said = list[str]()
    name = entry.publisher_id
    assert publish(Gateway(gateway.url, token, say=said.append), 4_000, name) == 4_000
    mine = Counter(
        str(decode(value)[1]["event_id"]) for _, value, _, _, _ in gateway.records() if name.encode() in value
    )
    assert mine == Counter(map(str, range(4_000)))
    assert len(said) == 1
    assert "429: the quota of 1000 events a second is used up" in said[0]


def test_only_what_was_not_stored_is_sent_again_in_its_order() -> None:
    away: dict[str, Any] = {"detail": "the broker is away"}
    steps = [
        (503, {**away, "results": results("stored", "retry", "invalid", "retry")}, {"Retry-After": "0"}),
        (503, away, {"Retry-After": "0"}),
        (429, {"results": results("stored")}, {"Retry-After": "0"}),
        None,
        (200, {"results": results("stored")}, {}),
    ]
    said = list[str]()
    with scripted(*steps) as gateway, Publisher(Gateway(gateway.url, "t", say=said.append)) as publisher:
        for number in range(4):
            publisher.publish(review(number))
        with pytest.raises(EventsRefused, match="event 2 is refused: it is invalid") as refused:
            publisher.flush()
        publisher.flush()
    assert refused.value.reasons == {"2": "it is invalid"}
    assert publisher.acknowledged == 3
    sent = [[decode(value)[1]["event_id"] for value in records(body)] for body in gateway.bodies]
    assert sent[:3] == [["0", "1", "2", "3"], ["1", "3"], ["1", "3"]]
    assert all(one == ["3"] for one in sent[3:])
    assert said[0] == "503: the broker is away; what is not acknowledged is sent again"


def test_patience_ends_and_names_what_is_not_acknowledged() -> None:
    steps = [(503, {"detail": "the broker is away", "results": results("stored", "retry")}, {"Retry-After": "0"})]
    steps += [(503, {"detail": "the broker is away"}, {"Retry-After": "0"})] * 10_000
    with (
        scripted(*steps) as gateway,
        pytest.raises(NotDelivered) as failure,
        Publisher(Gateway(gateway.url, "t", 0.1)) as publisher,
    ):
        publisher.publish(review(0))
        publisher.publish(review(1))
    assert str(failure.value) == "1 event is not acknowledged (1): 503: the broker is away (tried for 0.1 s)"
    assert publisher.acknowledged == 1


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ((403, {"detail": "toko is suspended"}, {}), "403: toko is suspended"),
        ((301, {}, {"Location": "http://127.0.0.1:1/"}), "301: it is no gateway"),
        ((200, {"results": []}, {}), "it answers other events than were sent"),
        ((200, {"results": results("stored", "stored")}, {}), "it answers other events than were sent"),
        ((200, {"results": "x"}, {}), "it answers other events than were sent"),
    ],
)
def test_what_no_repetition_would_heal_ends_at_once(step: Any, sentence: str) -> None:
    with scripted(step) as gateway:
        with pytest.raises(NotLetIn) as refused:
            publish(Gateway(gateway.url, "t"), 1)
        assert str(refused.value) == f"{gateway.url}: {sentence}"
        assert gateway.counts == [1]


def test_who_is_not_let_in_is_refused_before_the_first_event(gateway: Running, toko: tuple[str, str]) -> None:
    with pytest.raises(NotLetIn, match="401: nobody has this token"):
        Publisher(Gateway(gateway.url, "dompet_wrong"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dompet.streams.client.gateway.REACH_S", 0.1)
            with pytest.raises(Unavailable, match=f"no gateway answers at {place}: "):
                Publisher(Gateway(place, "t"))
    for url in ("127.0.0.1:8090", "ftp://x", "http://", "http://u:p@x", "http://x:y", "http://x?a=1"):
        with pytest.raises(DompetError, match="a gateway's URL is "):
            Gateway(url, "t")
    with pytest.raises(DompetError, match="that is no token"):
        Gateway(gateway.url, "two words")


def test_an_event_that_cannot_be_published_is_refused_when_it_is_given(gateway: Running, toko: tuple[str, str]) -> None:
    name, token = toko
    with Publisher(Gateway(gateway.url, token)) as publisher:
        with pytest.raises(InvalidEvent, match=f"publisher_id must be {name}"):
            publisher.publish(review(1, "another"))
        with pytest.raises(InvalidEvent, match="rating is missing"):
            publisher.publish_fields("CourseReviewed", {k: v for k, v in asdict(review(2)).items() if k != "rating"})
        publisher.publish(review(3, name))
        publisher.flush()
        assert publisher.acknowledged == 1
    with pytest.raises(DompetError, match="the publisher is closed"):
        publisher.publish(review(1, name))
        publisher.flush()
