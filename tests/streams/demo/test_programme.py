"""The demonstration programme: one seed is one programme, in the order of time, of the types that are wanted."""

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import Any

import pytest

from dompet.schemas.errors import DompetError
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.schemas.wire import decode, encode, encode_fields
from dompet.streams.demo.programme.programme import count, programme, programme_fields
from tests.model import Model, Result, Rulebook

PEOPLE, SEED = 2_000, 7
FIVE = {"SaldoCredited", "CoursePurchased", "PurchaseRefunded", "CourseCompleted", "SaldoRevoked"}
ALL = set(EVENT_CLASSES)
Events = list[tuple[str, dict[str, Any]]]


@cache
def events(people: int = PEOPLE, seed: int = SEED) -> Events:
    return list(programme_fields(people, seed))


def folded(some: Events) -> tuple[Model, list[Result]]:
    model = Model(Rulebook.load())
    return model, [model.apply({"type": type_name, **own}) for type_name, own in some]


def of_a_person(some: Events) -> dict[str, Events]:
    lives: dict[str, Events] = {}
    for type_name, own in some:
        lives.setdefault(own["beneficiary_id"], []).append((type_name, own))
    return lives


@pytest.mark.server
def test_the_same_seed_gives_the_same_events_in_any_process() -> None:
    script = (
        "import hashlib\n"
        "from dompet.schemas.wire import encode\n"
        "from dompet.streams.demo.programme.programme import programme\n"
        "print(hashlib.sha256(b''.join(map(encode, programme(300, 5)))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(digests) == 1


def test_another_seed_gives_other_people() -> None:
    assert not of_a_person(events(seed=SEED + 1)).keys() & of_a_person(events()).keys()


def test_the_first_peoples_lives_do_not_depend_on_how_many_follow() -> None:
    few, many = of_a_person(events(105)), of_a_person(events())
    assert len(few) == 105
    assert all(many[person] == life for person, life in few.items())


def test_typed_events_are_the_same_as_fields() -> None:
    typed = list(programme(100, SEED))
    assert all(isinstance(event, Event) for event in typed)
    assert [encode(event) for event in typed] == [encode_fields(*event) for event in events(100)]


def test_each_event_keeps_to_its_contract_and_its_limits() -> None:
    for type_name, own in events():
        assert decode(encode_fields(type_name, own)) == (type_name, own)


def test_sixteen_types_come_about_fifteen_events_a_person() -> None:
    assert {type_name for type_name, _ in events()} == ALL
    assert len(ALL) == 16
    assert 13 < len(events()) / PEOPLE < 17


def test_of_five_types_come_about_five_events_a_person_that_only_they_explain() -> None:
    five = list(programme_fields(PEOPLE, SEED, types=FIVE))
    assert {type_name for type_name, _ in five} == FIVE
    assert 4.5 < len(five) / PEOPLE < 5.7
    assert count(300, SEED, types=FIVE) == len(list(programme_fields(300, SEED, types=FIVE)))
    reasons = Counter(result.reason for result in folded(five)[1])
    assert reasons["wallet_suspended"] == 0
    assert "sanction" not in {own["reason"] for type_name, own in five if type_name == "SaldoRevoked"}


def test_without_a_type_nothing_follows_from_it() -> None:
    unpaid = list(programme_fields(PEOPLE, SEED, types=ALL - {"CourseReviewed"}))
    assert {type_name for type_name, _ in unpaid}.isdisjoint({"CourseReviewed", "IncentivePaid", "OrderCleared"})


def test_a_type_that_does_not_exist_is_reported() -> None:
    with pytest.raises(DompetError, match="there is no event type CourseSold"):
        next(programme_fields(1, 1, types=["CourseSold"]))


def test_the_count_is_exact_for_few_and_close_for_many() -> None:
    assert count(300, SEED) == len(events(300))
    assert count(PEOPLE, SEED) == pytest.approx(len(events()), rel=0.03)


def test_event_ids_differ_save_in_what_is_resent() -> None:
    by_id: dict[str, tuple[str, dict[str, Any]]] = {}
    assert all(by_id.setdefault(own["event_id"], (type_name, own)) == (type_name, own) for type_name, own in events())
    assert 0.005 < 1 - len(by_id) / len(events()) < 0.03


def test_lives_are_interleaved() -> None:
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, (_, own) in enumerate(events()):
        first.setdefault(own["beneficiary_id"], at)
        last[own["beneficiary_id"]] = at
    middle = len(events()) // 2
    assert sum(first[person] < middle < last[person] for person in first) > PEOPLE // 4
    neighbours = zip(events(), events()[1:], strict=False)
    assert sum(a[1]["beneficiary_id"] == b[1]["beneficiary_id"] for a, b in neighbours) < len(events()) // 10


def test_events_come_in_the_order_of_time_save_what_is_late_resent_or_wrongly_dated() -> None:
    latest = late = 0
    for _, own in events():
        late += own["occurred_at"] < latest
        latest = max(latest, own["occurred_at"])
    assert 0.01 < late / len(events()) < 0.06
