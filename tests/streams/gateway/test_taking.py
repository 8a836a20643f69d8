"""Events posted to a real gateway before a real broker: every input has its result, in order."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import cramjam
import pytest

from dompet.schemas.errors import InvalidEvent
from dompet.schemas.json_lines import read_event, read_fields
from dompet.schemas.wire import decode, encode_fields
from tests.support.gateway import LINES, Gateway, review

Toko = tuple[str, str]


def results(answer: Any) -> list[str]:
    return [one["result"] for one in answer.json["results"]]


def test_an_event_is_stored_where_the_answer_says_with_headers_that_name_its_origin(
    gateway: Gateway, toko: Toko
) -> None:
    event = review(toko[0])
    answer = gateway.post(json.dumps(event, indent=2).encode(), toko[1])
    assert answer.status == 200, answer.text
    [result] = answer.json["results"]
    assert (result["event_id"], result["result"], result["reason"]) == (event["event_id"], "stored", None)
    [(key, value, headers)] = [
        (one[0], one[1], one[2]) for one in gateway.records() if one[3:] == (result["partition"], result["offset"])
    ]
    name, fields = read_fields(json.dumps(event))
    assert (key, value) == (b"b-7f3a90c2", encode_fields(name, fields))
    assert headers == {"dompet.origin.way": b"http", "dompet.origin.publisher": toko[0].encode()}


BAD: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "no JSON": lambda event: b'{"type": ',
    "a number": lambda event: b"7",
    "an unknown type": lambda event: json.dumps({**event, "type": "CourseReview"}).encode(),
    "a missing field": lambda event: json.dumps(
        {name: one for name, one in event.items() if name != "rating"}
    ).encode(),
    "a field too many": lambda event: json.dumps({**event, "price": 1}).encode(),
    "a NIK": lambda event: json.dumps({**event, "beneficiary_id": "3174012345678901"}).encode(),
    "a time without offset": lambda event: json.dumps({**event, "occurred_at": "2020-04-11T08:00:00"}).encode(),
    "a float": lambda event: json.dumps({**event, "rating": 4.5}).encode(),
    "a repeated name": lambda event: json.dumps(event).encode()[:-1] + b', "rating": 4}',
    "not UTF-8": lambda event: json.dumps(event).encode().replace(b"INV", b"\xff\xfe"),
    "a constant": lambda event: json.dumps({**event, "rating": float("nan")}).encode(),
    "digits": lambda event: json.dumps(event).encode().replace(b": 5", b": " + b"5" * 5_000),
    "a deep nest": lambda event: b'{"type": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
}


@pytest.mark.parametrize("many", [False, True], ids=["alone", "among many"])
def test_every_line_has_its_result_and_a_bad_one_the_verdict_of_publish(
    gateway: Gateway, toko: Toko, many: bool
) -> None:
    lines = [one(review(toko[0], f"bad-{name}")) for name, one in BAD.items()]
    good = [json.dumps(review(toko[0])).encode() for _ in range(200 if many else 1)]
    body = b"\n".join([*good, b"  ", *lines, *good])
    answer = gateway.post(body, toko[1], LINES)
    assert answer.status == 200
    said = answer.json["results"]
    assert results(answer) == ["stored"] * len(good) + ["invalid"] * len(lines) + ["stored"] * len(good)
    for line, one in zip(lines, said[len(good) :], strict=False):
        with pytest.raises(InvalidEvent) as refused:
            read_event(line.strip())
        assert one["reason"] == str(refused.value)
    assert answer.json["stored"] == 2 * len(good)
    assert answer.json["invalid"] == len(lines)
    assert "bad-a NIK" in {one["event_id"] for one in said}


def test_an_array_has_a_result_for_each_element_whatever_it_is(gateway: Gateway, toko: Toko) -> None:
    events = [review(toko[0]), 7, None, [], {}, review("somebody-else"), review(toko[0], beneficiary_id="wörld")]
    answer = gateway.post(json.dumps(events, indent=1).encode(), toko[1])
    assert answer.status == 200
    assert results(answer) == ["stored", "invalid", "invalid", "invalid", "invalid", "forbidden", "stored"]
    assert results(gateway.post(b" [ ] ", toko[1])) == []
    assert results(gateway.post(b"", toko[1], LINES)) == []


def test_numbers_are_read_from_the_text_and_never_through_a_float(gateway: Gateway, toko: Toko) -> None:
    text = json.dumps([review(toko[0])]).encode().replace(b": 5", b": 5.0")
    answer = gateway.post(text, toko[1])
    assert (answer.status, results(answer)) == (422, ["invalid"])


def test_an_event_of_another_publisher_is_forbidden_alone_and_never_on_the_log(gateway: Gateway, toko: Toko) -> None:
    forged = review("ruangguru", platform_id="ruangguru")
    answer = gateway.send(review(toko[0]), forged, review(toko[0]), token=toko[1])
    assert (answer.status, results(answer)) == (200, ["stored", "forbidden", "stored"])
    alone = gateway.send(forged, token=toko[1])
    assert (alone.status, results(alone)) == (403, ["forbidden"])
    assert forged["event_id"] not in {decode(one[1])[1]["event_id"] for one in gateway.records()}


def test_a_dry_run_judges_and_stores_nothing(gateway: Gateway, toko: Toko) -> None:
    before = len(gateway.records())
    lines = b"\n".join(json.dumps(one).encode() for one in (review(toko[0]), review("other"), {}))
    answer = gateway.post(lines, toko[1], LINES, "/v1/events?dry_run=1")
    assert (answer.status, results(answer)) == (200, ["valid", "forbidden", "invalid"])
    assert len(gateway.records()) == before
    for query in ("dryrun=1", "dry_run=yes", "dry_run=1&dry_run=0"):
        assert gateway.post(lines, toko[1], LINES, f"/v1/events?{query}").status == 400


def test_the_order_of_a_person_s_events_is_that_of_the_request(gateway: Gateway, toko: Toko) -> None:
    events = [review(toko[0], beneficiary_id=f"b-order-{number % 7}") for number in range(3_000)]
    answer = gateway.send(*events, token=toko[1])
    assert answer.json["stored"] == len(events)
    places = [(one["partition"], one["offset"]) for one in answer.json["results"]]
    by_place = {one[3:]: decode(one[1])[1]["event_id"] for one in gateway.records()}
    assert [by_place[place] for place in places] == [one["event_id"] for one in events]
    for partition in {one for one, _ in places}:
        offsets = [offset for one, offset in places if one == partition]
        assert offsets == sorted(offsets)


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("zstd", lambda one: bytes(cramjam.zstd.compress(one)))]
)
def test_packed_bodies_are_read_and_a_bomb_is_too_long(
    gateway: Gateway, toko: Toko, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    event = json.dumps(review(toko[0])).encode()
    for form in (LINES, "application/json"):
        answer = gateway.post(pack(event), toko[1], form, Content_Encoding=encoding)
        assert (answer.status, results(answer)) == (200, ["stored"])
    bomb = pack(b" " * 200_000_000)
    assert len(bomb) < 1_000_000
    assert gateway.post(bomb, toko[1], LINES, Content_Encoding=encoding).status == 413
    assert gateway.post(pack(event)[:-5], toko[1], LINES, Content_Encoding=encoding).status == 400
    assert gateway.post(event, toko[1], LINES, Content_Encoding=encoding).status == 400
    assert gateway.post(event, toko[1], LINES, Content_Encoding="br").status == 415


@pytest.mark.parametrize(
    ("body", "form", "status", "why"),
    [
        (b"{} {}", "application/json", 400, "goes on after its JSON"),
        (b'{"a": ', "application/json", 400, "the body is not JSON"),
        (b'{"a": "x\ny"}', "application/json", 400, "the body is not JSON"),
        (b"\xff", "application/json", 400, "not valid UTF-8 at byte 1"),
        (b"[" * 100_000, "application/json", 400, ""),
        (b"1" * 5_000, "application/json", 400, "thousands of digits"),
        (b"", "application/json", 400, "the body is not JSON"),
        (b"{}", "text/plain", 415, "Content-Type 'text/plain' is not read"),
        (b"{}", "", 415, "is not read"),
        (b"[" + b" " * 3_000_000 + b"]", "application/json", 413, "application/x-ndjson"),
        (b" " * 17_000_000, LINES, 413, "16000000 bytes"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem_in_one_sentence(
    gateway: Gateway, toko: Toko, body: bytes, form: str, status: int, why: str
) -> None:
    answer = gateway.post(body, toko[1], form)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert why in answer.json["detail"]


def test_what_was_stored_before_a_body_became_too_long_has_its_result(gateway: Gateway, toko: Toko) -> None:
    event = json.dumps(review(toko[0])).encode() + b"\n"
    answer = gateway.ask(
        "POST",
        "/v1/events",
        iter([event, b" " * 9_000_000, b" " * 9_000_000]),  # type: ignore[arg-type]
        {"Authorization": f"Bearer {toko[1]}", "Content-Type": LINES},
    )
    assert answer.status == 413
    assert results(answer) == ["stored"]


def test_a_path_or_method_that_is_not_there_is_a_problem(gateway: Gateway) -> None:
    assert gateway.ask("GET", "/v1/events").status == 405
    assert gateway.ask("POST", "/v1/event", b"{}").status == 404
    assert gateway.ask("GET", "/health").json == {"status": "ok", "reason": ""}
