"""The demonstration's proportions: all that they promise happens, and the money is where it should be."""

from collections import Counter
from dataclasses import fields, replace
from functools import cache
from itertools import zip_longest
from typing import Any

import pytest

from dompet.schemas.catalogue import Listing
from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.programme import DEFAULT, programme_fields
from dompet.streams.demo.programme.proportions import Proportions
from tests.model import Model, Result
from tests.streams.demo.test_programme import ALL, PEOPLE, SEED, events, folded

SHARES = [field.name for field in fields(Proportions) if isinstance(getattr(DEFAULT, field.name), float)]


@cache
def played() -> tuple[Model, list[Result]]:
    """The programme itself, and what the model makes of it."""
    return folded(events())


@cache
def listed() -> list[Listing]:
    """Its catalogue."""
    return list(catalogue(SEED, DEFAULT).records())


@cache
def verdicts() -> Counter[tuple[str, str]]:
    """How many events of each type came to which end: the reason of a rejection, a flag, or the outcome."""
    ends: Counter[tuple[str, str]] = Counter()
    for (type_name, _), result in zip(events(), played()[1], strict=True):
        ends.update((type_name, end) for end in (result.reason or result.outcome, *result.flags))
    return ends


def without(*shares: str) -> Proportions:
    none: dict[str, Any] = dict.fromkeys(shares, 0.0)
    return replace(DEFAULT, **none)


FLAGS = {
    "commission_above_cap",
    "completed_too_fast",
    "completed_without_redemption",
    "completed_without_attendance",
}

EXPECTED = {
    "SaldoCredited": "no_rules already_credited reference_conflict not_authorised",
    "CoursePurchased": "unknown_wallet wallet_closed first_purchase_late after_spend_by previous_course_open"
    " wallet_suspended insufficient_balance order_conflict invalid_amount not_authorised commission_above_cap",
    "PurchaseRefunded": "unknown_order order_completed amount_mismatch",
    "CourseCompleted": "unknown_order order_refunded completed_before_purchase completion_conflict not_authorised"
    " completed_too_fast completed_without_redemption completed_without_attendance",
    "SaldoRevoked": "unknown_wallet not_due invalid_reason not_authorised",
    "CourseRedeemed": "unknown_order institution_mismatch redeemed_before_purchase not_authorised",
    "AttendanceRecorded": "unknown_order invalid_session attendance_conflict not_authorised",
    "CourseReviewed": "not_completed invalid_rating review_conflict not_authorised",
    "OrderCleared": "no_flags",
    "SurveySubmitted": "not_entitled invalid_survey not_authorised",
    "IncentivePaid": "exceeds_entitlement wallet_suspended wallet_closed payout_failed_before reference_conflict",
    "IncentivePayoutFailed": "duplicate",
    "IncentiveReversed": "amount_mismatch unknown_payout",
    "BeneficiarySanctioned": "invalid_sanction wallet_closed",
    "ClawbackOrdered": "exceeds_received",
    "ClawbackRepaid": "unknown_clawback exceeds_clawback",
}


@pytest.mark.parametrize(("type_name", "end"), [(t, end) for t, ends in EXPECTED.items() for end in ends.split()])
def test_what_the_programme_is_there_to_show_happens(type_name: str, end: str) -> None:
    assert verdicts()[type_name, end] > 0


def test_every_type_is_mostly_accepted() -> None:
    for type_name in ALL:
        total = sum(n for (of, end), n in verdicts().items() if of == type_name and end not in FLAGS)
        assert 0.6 < verdicts()[type_name, "accepted"] / total < 1


def test_every_type_is_repeated_and_contradicted_where_reports_are_bad() -> None:
    bad = list(programme_fields(PEOPLE, SEED, replace(DEFAULT, resent=0.1, contradicted=0.1)))
    results = folded(bad)[1]
    ends = {(type_name, result.reason or result.outcome) for (type_name, _), result in zip(bad, results, strict=True)}
    assert {type_name for type_name, end in ends if end == "duplicate"} == ALL
    assert {end for _, end in ends if end.endswith("_conflict")} == {
        "reference_conflict",
        "order_conflict",
        "refund_conflict",
        "completion_conflict",
        "attendance_conflict",
        "review_conflict",
    }


def test_money_is_conserved_and_most_of_it_is_spent_or_returned() -> None:
    wallets = played()[0].wallets.values()
    for wallet in wallets:
        assert wallet.credited == wallet.balance + wallet.spent - wallet.refunded + wallet.returned
        assert wallet.balance >= 0
    credited = sum(wallet.credited for wallet in wallets)
    assert 0.4 < sum(wallet.spent - wallet.refunded for wallet in wallets) / credited < 0.9
    assert sum(wallet.balance for wallet in wallets) / credited < 0.05


def test_incentives_are_owed_to_most_and_almost_all_paid_and_some_are_held() -> None:
    wallets = played()[0].wallets.values()
    assert 0.5 < sum(wallet.entitled for wallet in wallets) / len(wallets) < 0.8
    assert 0 < sum(wallet.held for wallet in wallets) / len(wallets) < 0.05
    due = sum(wallet.incentive_due for wallet in wallets)
    assert 0.95 < sum(wallet.incentive_paid for wallet in wallets) / due < 1
    assert all(wallet.incentive_paid <= wallet.incentive_due for wallet in wallets)


def test_of_what_is_asked_back_a_part_is_repaid() -> None:
    wallets = played()[0].wallets.values()
    ordered = sum(wallet.clawback_ordered for wallet in wallets)
    assert 0.2 < sum(wallet.clawback_repaid for wallet in wallets) / ordered < 0.9


def test_each_step_of_an_order_is_reached_by_fewer() -> None:
    orders = played()[0].orders.values()
    steps = [
        len(orders),
        sum(order.completed_at is not None for order in orders),
        sum(order.reviewed_at is not None for order in orders),
        0,
    ]
    assert steps == sorted(steps, reverse=True) and len(set(steps)) == 4
    assert 0.8 < sum(order.redeemed_at is not None for order in orders) / len(orders) < 0.95
    assert 0.75 < sum(order.attended > 0 for order in orders) / len(orders) < 0.9


def test_a_calm_programme_rejects_nothing() -> None:
    calm = without(*SHARES)
    assert {result.outcome for result in folded(list(programme_fields(500, SEED, calm)))[1]} == {"accepted"}


@pytest.mark.parametrize("name", SHARES)
def test_every_share_makes_a_difference(name: str) -> None:
    other = without(name)
    if list(catalogue(SEED, other).records()) == listed():
        assert any(one != that for one, that in zip_longest(programme_fields(PEOPLE, SEED, other), events()))
