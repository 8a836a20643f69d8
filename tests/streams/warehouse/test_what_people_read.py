"""Views say what they mean at first sight, on either warehouse: days, yes and no, lists, joins that repeat nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dompet.schemas.rules import read_rules
from dompet.streams.answers.rejections import Exceptions
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.shown import day_name, numbers
from dompet.streams.warehouse.views import view_names
from tests.model.events import Event
from tests.streams.catalogue.test_rows import store
from tests.support.catalogue import course, institution, platform
from tests.support.every_table import fill
from tests.support.ledger import Ledger
from tests.support.rebuilding import OTHER_RULES
from tests.support.sales import noon, order, person, refund
from tests.support.stored import shown, types_of

COUNTS = {
    "order_steps": {
        *("purchased", "redeemed", "attended", "completed", "reviewed", "refunded", "flagged", "cleared"),
    },
    "orders": {"rating"},
    "order_history": {"rating"},
    "journal": {"order_rating"},
}
"""The small numbers of views that are numbers: those of `order_steps` are there to be added up."""


@pytest.fixture(scope="module")
def filled(shared_warehouse: Warehouse) -> Warehouse:
    """A warehouse of each kind in turn, in which no view is empty."""
    fill(shared_warehouse)
    return shared_warehouse


def at(time: int) -> dict[str, Any]:
    return {"occurred_at": time}


def test_every_time_has_its_day_in_jakarta_beside_it(filled: Warehouse) -> None:
    evenings = 0
    for view in sorted(view_names()):
        types = types_of(filled, view)
        times = [name for name, kind in types.items() if "DateTime" in kind and not name.endswith("_after")]
        for name in times:
            assert types[day_name(name)] == types[name].replace("DateTime('UTC')", "Date"), (view, name)
        for row in shown(filled, f"SELECT * FROM {view}") if times else []:
            for name in times:
                moment = row[name] and datetime.fromisoformat(row[name]).replace(tzinfo=UTC) + timedelta(hours=7)
                assert row[day_name(name)] == (moment and str(moment.date())), (view, name)
                evenings += bool(row[name]) and row[name][:10] != row[day_name(name)]
    assert evenings  # in UTC it was another day


def test_what_is_yes_or_no_is_said_so(filled: Warehouse) -> None:
    for view in sorted(view_names()):
        small = {name for name, kind in types_of(filled, view).items() if "UInt8" in kind and "Array" not in kind}
        assert small == COUNTS.get(view, set()), view


def test_a_month_of_the_orders_day_is_the_settlements_month(warehouse: Warehouse) -> None:
    """Somebody pays at 03:14 on the first of May in Jakarta, which is still April in UTC."""
    early = noon("2020-04-30") + (8 * 3600 + 14 * 60) * 1_000_000
    credit, purchase = person(1, "2020-04-20", price=908_000)
    Ledger(warehouse).store([credit, purchase | at(early), *person(2, "2020-05-10")])
    sold = "SELECT toStartOfMonth({day}) AS month, sum({price}) AS sold FROM {view} GROUP BY month ORDER BY month"
    ours = shown(warehouse, sold.format(day="purchased_on", price="price", view="orders"))
    assert ours == [{"month": "2020-05-01", "sold": 1_008_000}]
    for day, price, view in (
        ("purchased_on", "price", "order_history"),
        ("day", "settlement.sold", "settlement"),
        ("occurred_on", "spent_change", "journal"),
    ):
        named = sold.format(day=day, price=price, view=view)
        where = f"{view} WHERE outcome = 'accepted' AND type = 'CoursePurchased'"
        assert shown(warehouse, named.replace("FROM journal", f"FROM {where}") if view == "journal" else named) == ours
    assert shown(warehouse, "SELECT purchased_at FROM orders WHERE price = 908000") == [
        {"purchased_at": "2020-04-30 20:14:00"}
    ]


def listed_twice(warehouse: Warehouse) -> None:
    """A course whose price and title were changed between two sales, and what it is now."""
    cheap = {"course_id": "k", "institution_id": "i", "price": 100_000, "title": "Before", "category": "Old"}
    dear = {"price": 200_000, "title": "After", "valid_from": noon("2020-04-20")}
    ended = {"platform_id": "toko", "name": "Toko", "valid_to": noon("2020-05-20")}
    later = {"title": "Some day", "valid_from": int((datetime.now(UTC) + timedelta(days=9)).timestamp()) * 1_000_000}
    store(warehouse, course(**cheap), course(**cheap | dear), course(**cheap | later))
    store(warehouse, institution(institution_id="i", name="LPK"), platform(**ended))
    store(warehouse, course(course_id="gone"), first_offset=9)
    store(warehouse, course(course_id="gone"), first_offset=10, gone=True)


def test_orders_joined_with_courses_now_are_not_repeated_after_a_change_of_price(warehouse: Warehouse) -> None:
    listed_twice(warehouse)
    Ledger(warehouse).store([*person(1, "2020-04-10"), *person(2, "2020-05-10", price=200_000)])
    for catalogue, key in (("courses", "course_id"), ("institutions", "institution_id"), ("platforms", "platform_id")):
        joined = (
            f"SELECT count() AS n FROM (SELECT CAST({key} AS String) AS {key} FROM orders) AS o"
            f" ALL INNER JOIN (SELECT {key} FROM {catalogue}_now) AS c USING {key}"
        )
        assert shown(warehouse, joined) == [{"n": 2}]
    assert shown(warehouse, "SELECT course_id, title, price, listed, valid_from_on FROM courses_now") == [
        {"course_id": "k", "title": "After", "price": 200_000, "listed": "yes", "valid_from_on": "2020-04-20"}
    ]
    assert shown(warehouse, "SELECT name, listed, valid_to_on FROM platforms_now") == [
        {"name": "Toko", "listed": "no", "valid_to_on": "2020-05-20"}
    ]


def test_a_sale_has_the_listing_of_its_own_time(warehouse: Warehouse) -> None:
    listed_twice(warehouse)
    Ledger(warehouse).store([*person(1, "2020-04-10"), *person(2, "2020-05-10"), *person(3, "2020-05-30")])
    names = "order_id, platform_name, institution_name, title, category, listed_price, free_elsewhere, state"
    found = shown(warehouse, f"SELECT {names} FROM sales ORDER BY order_id")
    of_each = [tuple(row.values())[1:] for row in found]
    assert of_each == [
        ("Toko", "LPK", "Before", "Old", 100_000, "no", "purchased"),
        ("Toko", "LPK", "After", "Old", 200_000, "no", "purchased"),
        (None, "LPK", "After", "Old", 200_000, "no", "purchased"),
    ]


def test_of_a_sale_that_was_never_listed_nothing_is_said(warehouse: Warehouse) -> None:
    Ledger(warehouse).store(person(1, "2020-04-10"))
    names = "platform_name, platform_status, institution_name, owner_platform_id, title, category, listed_price"
    [row] = shown(warehouse, f"SELECT {names}, outside_price, free_elsewhere FROM sales")
    assert set(row.values()) == {None}


def payout(kind: str, event_id: str, day: str) -> Event:
    said = {"IncentivePaid": {"channel": "bank"}, "IncentiveReversed": {"reason": ""}}[kind]
    own = {"event_id": event_id, "payout_id": "p", "amount": 600_000, **said}
    return {"type": kind, "beneficiary_id": "b-1", "publisher_id": "programme", "occurred_at": noon(day), **own}


def test_what_was_moved_and_moved_back_is_one_exception(warehouse: Warehouse) -> None:
    credit, dear = person(1, "2020-04-10", price=2_000_000)
    returned = refund(1, "2020-04-12", price=2_000_000)
    paid, sent_back = payout("IncentivePaid", "x1", "2020-04-15"), payout("IncentiveReversed", "x2", "2020-04-16")
    Ledger(warehouse).store([credit, dear, returned, paid, sent_back])
    found = [
        (row["type"], row["amount"], row["moved_back"], row["settled"], row["since_on"])
        for row in shown(warehouse, Exceptions(unsettled=True).sql())
    ]
    assert found == [
        ("CoursePurchased", 2_000_000, "yes", "no", "2020-04-10"),
        ("IncentivePaid", 600_000, "yes", "no", "2020-04-15"),
    ]


def test_a_refund_that_was_rejected_though_its_purchase_was_accepted_is_an_exception(warehouse: Warehouse) -> None:
    wrong = refund(1, "2020-04-12", price=1)
    Ledger(warehouse).store([*person(1, "2020-04-10"), wrong])
    found = shown(warehouse, Exceptions().sql())
    assert [(row["type"], row["amount"], row["reason"], row["moved_back"]) for row in found] == [
        ("PurchaseRefunded", 1, "amount_mismatch", "no")
    ]


def revoked(reason: str, day: str) -> Event:
    own = {"event_id": f"revoked-{reason}", "reason": reason, "publisher_id": "programme"}
    return {"type": "SaldoRevoked", "beneficiary_id": "b-1", "occurred_at": noon(day), **own}


def test_a_revocation_shows_what_went_back(warehouse: Warehouse) -> None:
    too_early, later = revoked("spend_by", "2020-04-11"), revoked("ineligible", "2020-05-01")
    Ledger(warehouse).store([*person(1, "2020-04-10"), too_early, later])
    for view in ("journal", "timeline"):
        found = shown(warehouse, f"SELECT outcome, amount FROM {view} WHERE type = 'SaldoRevoked' ORDER BY offset")
        assert found == [{"outcome": "rejected", "amount": 0}, {"outcome": "accepted", "amount": 900_000}]


def survey(number: int) -> Event:
    own = {"event_id": f"survey-{number}", "survey_no": number, "publisher_id": "programme"}
    return {"type": "SurveySubmitted", "beneficiary_id": "b-1", "occurred_at": noon("2020-06-01"), **own}


def attendance(session: int, *, present: bool = True) -> Event:
    own = {"event_id": f"a-{session}", "session": session, "present": present}
    return {"type": "AttendanceRecorded", "beneficiary_id": "b-1", "occurred_at": noon("2020-04-11"), **order(1), **own}


def completed(*, hasty: bool = False) -> list[Event]:
    """The course's completion and review; a hasty one is flagged."""
    done = {"beneficiary_id": "b-1", **order(1)}
    when = noon("2020-04-10") + 60_000_000 if hasty else noon("2020-05-10")
    return [
        {"type": "CourseCompleted", "event_id": "c", "certificate_id": "z", "score": None, **at(when), **done},
        {"type": "CourseReviewed", "event_id": "v", "rating": 5, **at(noon("2020-05-11")), **done},
    ]


def test_surveys_and_sessions_are_lists_of_their_numbers(warehouse: Warehouse) -> None:
    sessions = [attendance(session, present=session != 2) for session in (1, 2, 60)]
    Ledger(warehouse).store([*person(1, "2020-04-10"), *sessions, *completed(), survey(2)])
    assert shown(warehouse, "SELECT surveys, entitled, held FROM wallets") == [
        {"surveys": [2], "entitled": "yes", "held": "no"}
    ]
    assert shown(warehouse, "SELECT sessions, attended, refunded, cleared FROM orders") == [
        {"sessions": [1, 2, 60], "attended": [1, 60], "refunded": "no", "cleared": "no"}
    ]
    last = shown(warehouse, "SELECT surveys_after, order_attended, present FROM journal ORDER BY offset")
    assert [row["present"] for row in last] == [None, None, "yes", "no", "yes", None, None, None]
    assert (last[-1]["surveys_after"], last[4]["order_attended"]) == ([2], [1, 60])


def test_bits_stand_for_every_number_up_to_63(filled: Warehouse) -> None:
    assert shown(filled, f"SELECT {numbers('toInt64(9223372036854775807)')} AS n") == [{"n": list(range(1, 64))}]
    assert shown(filled, f"SELECT {numbers('toInt64(0)')} AS n") == [{"n": []}]


@pytest.mark.parametrize(
    ("events", "waits"),
    [
        (completed(hasty=True), True),
        (completed(hasty=True)[:1], False),  # for the person's review, not for an officer
        ([*completed(hasty=True), revoked("ineligible", "2020-06-01")], False),
    ],
)
def test_held_lists_what_waits_for_an_officer(warehouse: Warehouse, events: list[Event], waits: bool) -> None:
    Ledger(warehouse).store([*person(1, "2020-04-10"), *events])
    assert [row["order_id"] for row in shown(warehouse, "SELECT * FROM held")] == ["o-1"] * waits


def test_where_no_review_is_wanted_a_completion_is_enough_to_wait(warehouse: Warehouse) -> None:
    ledger = Ledger(warehouse, read_rules(OTHER_RULES))
    ledger.store([*person(1, "2020-04-10"), *completed(hasty=True)[:1]])
    assert [(row["order_id"], row["reviewed_at"]) for row in shown(warehouse, "SELECT * FROM held")] == [("o-1", None)]
