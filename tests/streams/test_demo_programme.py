"""The demonstration programme: one seed is one programme, and all that its proportions promise happens in it."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from functools import cache
from itertools import zip_longest
from typing import Any

import pytest

from dompet.schemas.events import Event
from dompet.schemas.wire import decode, encode, encode_fields
from dompet.streams.demo.catalogue import catalogue
from dompet.streams.demo.programme import DEFAULT, count, programme, programme_fields
from dompet.streams.demo.proportions import Proportions
from tests.model import Model, Result, Rulebook

PEOPLE, SEED = 2_000, 7
FIVE = {"SaldoCredited", "CoursePurchased", "PurchaseRefunded", "CourseCompleted", "SaldoRevoked"}
SHARES = [field.name for field in fields(Proportions) if isinstance(getattr(DEFAULT, field.name), float)]
Events = list[tuple[str, dict[str, Any]]]


@cache
def events(people: int = PEOPLE, seed: int = SEED) -> Events:
    return list(programme_fields(people, seed))


def folded(some: Events) -> tuple[Model, list[Result]]:
    model = Model(Rulebook.load())
    return model, [model.apply({"type": type_name, **own}) for type_name, own in some]


@cache
def verdicts() -> Counter[tuple[str, str]]:
    """How many events of each type came to which end: the reason of a rejection, a flag, or the outcome."""
    some = events()
    ends: Counter[tuple[str, str]] = Counter()
    for (type_name, _), result in zip(some, folded(some)[1], strict=True):
        ends.update((type_name, end) for end in (result.reason or result.outcome, *result.flags))
    return ends


def without(*shares: str) -> Proportions:
    none: dict[str, Any] = dict.fromkeys(shares, 0.0)
    return replace(DEFAULT, **none)


def of_a_person(some: Events) -> dict[str, Events]:
    lives: dict[str, Events] = {}
    for type_name, own in some:
        lives.setdefault(own["beneficiary_id"], []).append((type_name, own))
    return lives


def test_the_same_seed_gives_the_same_events_in_any_process() -> None:
    script = (
        "import hashlib\n"
        "from dompet.schemas.wire import encode\n"
        "from dompet.streams.demo.programme import programme\n"
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


def test_five_types_come_about_five_events_a_person() -> None:
    assert {type_name for type_name, _ in events()} == FIVE
    assert 4.5 < len(events()) / PEOPLE < 5.7


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


FLAGS = {
    "commission_above_cap",
    "completed_too_fast",
    "completed_without_redemption",
    "completed_without_attendance",
}

EXPECTED = {
    "SaldoCredited": "no_rules already_credited reference_conflict not_authorised",
    "CoursePurchased": "unknown_wallet wallet_closed first_purchase_late after_spend_by previous_course_open"
    " insufficient_balance order_conflict invalid_amount not_authorised commission_above_cap",
    "PurchaseRefunded": "unknown_order order_completed amount_mismatch",
    "CourseCompleted": "unknown_order order_refunded completed_before_purchase completion_conflict not_authorised"
    " completed_too_fast completed_without_redemption completed_without_attendance",
    "SaldoRevoked": "unknown_wallet not_due invalid_reason not_authorised",
}


@pytest.mark.parametrize(("type_name", "end"), [(t, end) for t, ends in EXPECTED.items() for end in ends.split()])
def test_what_the_programme_is_there_to_show_happens(type_name: str, end: str) -> None:
    assert verdicts()[type_name, end] > 0


def test_every_type_is_mostly_accepted() -> None:
    for type_name in FIVE:
        total = sum(n for (of, end), n in verdicts().items() if of == type_name and end not in FLAGS)
        assert 0.6 < verdicts()[type_name, "accepted"] / total < 1


def test_every_type_is_repeated_and_contradicted_where_reports_are_bad() -> None:
    bad = list(programme_fields(PEOPLE, SEED, replace(DEFAULT, resent=0.1, contradicted=0.1)))
    results = folded(bad)[1]
    ends = {(type_name, result.reason or result.outcome) for (type_name, _), result in zip(bad, results, strict=True)}
    assert {type_name for type_name, end in ends if end == "duplicate"} == FIVE
    assert {end for _, end in ends if end.endswith("_conflict")} == {
        "reference_conflict",
        "order_conflict",
        "refund_conflict",
        "completion_conflict",
    }


def test_money_is_conserved_and_most_of_it_is_spent_or_returned() -> None:
    wallets = folded(events())[0].wallets.values()
    for wallet in wallets:
        assert wallet.credited == wallet.balance + wallet.spent - wallet.refunded + wallet.returned
        assert wallet.balance >= 0
    credited = sum(wallet.credited for wallet in wallets)
    assert 0.4 < sum(wallet.spent - wallet.refunded for wallet in wallets) / credited < 0.9
    assert sum(wallet.balance for wallet in wallets) / credited < 0.05


def test_a_calm_programme_rejects_nothing() -> None:
    calm = without(*SHARES)
    assert {result.outcome for result in folded(list(programme_fields(500, SEED, calm)))[1]} == {"accepted"}


@pytest.mark.parametrize("name", SHARES)
def test_every_share_makes_a_difference(name: str) -> None:
    other = without(name)
    if list(catalogue(SEED, other).records()) == list(catalogue(SEED, DEFAULT).records()):
        assert any(one != that for one, that in zip_longest(programme_fields(PEOPLE, SEED, other), events()))
