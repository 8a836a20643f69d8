"""Where the money is, what is owed and what is odd, on either warehouse: held to the model's rows and orders."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Final

import pytest

from dompet.streams.warehouse import Warehouse
from tests.model import Model, Order
from tests.model.state import HOLDING_FLAGS
from tests.support import answered
from tests.support.folding import Row
from tests.support.stored import second, shown, yes_no

BACK: Final = {"PurchaseRefunded": "CoursePurchased", "IncentiveReversed": "IncentivePaid"}
"""What moves the same money the other way."""
MOVED: Final = {
    "CoursePurchased": "order_id",
    "PurchaseRefunded": "order_id",
    "IncentivePaid": "payout_id",
    "IncentiveReversed": "payout_id",
    "ClawbackRepaid": "repayment_id",
}


@pytest.fixture(scope="module")
def model() -> Model:
    return answered.modelled()[0]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return answered.modelled()[1]


@pytest.fixture(scope="module")
def accepted() -> list[Row]:
    return answered.accepted()


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    """The events, stored twice."""
    answered.store_twice(shared_warehouse)
    return shared_warehouse


def test_every_wave_and_decree_and_platform_adds_up(warehouse: Warehouse, model: Model) -> None:
    credited: Counter[tuple[int, str]] = Counter()
    for wallet in model.wallets.values():
        credited[wallet.wave, wallet.decree] += wallet.credited
    found = shown(warehouse, "SELECT * FROM conservation")
    assert {(row["wave"], row["decree"]): row["total_credited"] for row in found} == credited
    assert not any(row["difference"] for row in found)
    net: Counter[str] = Counter()
    for (_, platform, _), order in model.orders.items():
        net[platform] += 0 if order.refunded else order.price
    platforms = shown(warehouse, "SELECT * FROM platform_spending")
    assert {row["platform_id"]: row["net_spent"] for row in platforms} == dict(net)
    assert not any(row["difference"] for row in platforms)
    assert shown(warehouse, "SELECT * FROM differences") == []


def tells_of_money(row: Row) -> bool:
    """Whether its publisher may say it, and it names an amount that can be paid."""
    if row["reason"] == "invalid_amount":
        return bool(1 <= row["price"] <= 10**12)
    return bool(row["reason"] != "not_authorised")


def settles(reported: list[Row]) -> int | None:
    """What was accepted of a reference; of a failed payout nothing."""
    accepted = [row for row in reported if row["outcome"] == "accepted"]
    amounts = [0 if row["type"] == "IncentivePayoutFailed" else row["price"] or row["amount"] for row in accepted]
    return max(amounts, default=None)


Reference = tuple[str, str, str, str]
"""A person, the event's type, a platform and an id."""


def never_accepted(reported: list[Row]) -> bool:
    """Whether it was rejected, and nothing else."""
    outcomes = {row["outcome"] for row in reported}
    return "rejected" in outcomes and "accepted" not in outcomes


def part_of_another(by_reference: Mapping[Reference, list[Row]], key: Reference) -> bool:
    """Whether it moves back what was moved by an event that was never accepted: the two are one exception."""
    forth = (key[0], BACK.get(key[1], ""), key[2], key[3])
    return never_accepted(by_reference.get(forth, []))


def is_moved_back(by_reference: Mapping[Reference, list[Row]], key: Reference) -> bool:
    """Whether such an event is part of this one."""
    backs = [(key[0], back, key[2], key[3]) for back, forth in BACK.items() if forth == key[1]]
    rejected = any(row["outcome"] == "rejected" for back in backs for row in by_reference.get(back, []))
    return rejected and never_accepted(by_reference[key])


def test_money_that_moved_though_the_event_was_rejected_is_settled_by_what_is_accepted_later(
    warehouse: Warehouse, rows: list[Row]
) -> None:
    by_reference = defaultdict(list)
    for row in rows:
        failed = row["type"] == "IncentivePayoutFailed" and row["outcome"] == "accepted"
        moved = "IncentivePaid" if failed else row["type"]
        if moved in MOVED and row["outcome"] != "duplicate" and tells_of_money(row):
            by_reference[row["beneficiary_id"], moved, row["platform_id"], row[MOVED[moved]]].append(row)
    expected = {}
    for key, reported in by_reference.items():
        rejected = [row for row in reported if row["outcome"] == "rejected"]
        if rejected and not part_of_another(by_reference, key):
            later = reported[reported.index(rejected[-1]) + 1 :]
            expected[key] = (
                rejected[-1]["price"] or rejected[-1]["amount"],
                rejected[-1]["reason"],
                len(rejected),
                second(min(row["occurred_at_us"] for row in rejected)),
                second(max(row["occurred_at_us"] for row in later)) if later else None,
                settles(reported),
                yes_no(is_moved_back(by_reference, key)),
            )
    names = ("amount", "reason", "rejections", "since", "settled_at", "accepted_amount", "moved_back")
    listed = shown(warehouse, "SELECT * FROM exceptions")
    found = {
        (row["beneficiary_id"], row["type"], row["platform_id"], row["reference"]): tuple(row[name] for name in names)
        for row in listed
    }
    assert found == expected
    assert {row["settled"] for row in listed} == {row["moved_back"] for row in listed} == {"yes", "no"}
    assert any(part_of_another(by_reference, key) for key in by_reference)
    assert any(row["settled"] == "yes" and row["accepted_amount"] == 0 for row in listed)  # a payout that then failed
    assert any(row["reason"] == "invalid_amount" for row in listed)  # of the commission
    assert all(row["settled"] == yes_no(row["settled_at"] is not None) for row in listed)


def test_incentives_and_clawbacks_are_the_wallets(warehouse: Warehouse, model: Model, accepted: list[Row]) -> None:
    failed: Counter[str] = Counter()
    for row in accepted:
        if row["type"] == "IncentivePayoutFailed":
            failed[row["beneficiary_id"]] += row["amount"]
    concerned = {
        person: (one.incentive_due, one.incentive_paid, one.incentive_due - one.incentive_paid, failed[person])
        for person, one in model.wallets.items()
        if one.incentive_due or one.incentive_paid or one.payout_failures or one.entitled or one.held
    }
    names = ("due", "paid", "outstanding", "failed_amount")
    found = shown(warehouse, "SELECT * FROM incentives")
    assert {row["beneficiary_id"]: tuple(row[name] for name in names) for row in found} == concerned
    of_person: Counter[tuple[str, str]] = Counter()
    for row in shown(warehouse, "SELECT * FROM clawbacks"):
        assert row["outstanding"] == row["ordered"] - row["repaid"] >= 0
        assert (row["last_repaid_at"] is None) == (row["repayments"] == 0)
        of_person[row["beneficiary_id"], "ordered"] += row["ordered"]
        of_person[row["beneficiary_id"], "repaid"] += row["repaid"]
    expected = {(key, "ordered"): one.clawback_ordered for key, one in model.wallets.items() if one.clawback_ordered}
    expected |= {(key, "repaid"): one.clawback_repaid for key, one in model.wallets.items() if one.clawback_repaid}
    assert +of_person == expected


Case = tuple[str, str, str, int, int, int, str, str]
"""A case of a pattern: its pattern, subject and platform, then what takes part in it."""


def suspects(model: Model) -> set[Case]:
    """The same patterns, looked for one order at a time."""
    groups: dict[tuple[str, str, str], list[tuple[str, Order]]] = defaultdict(list)
    for (person, platform, number), order in model.orders.items():
        groups["order_id_of_several_people", number, platform].append((person, order))
        if order.completed_at is not None:
            groups["certificate_of_several_orders", str(order.certificate_id), ""].append((person, order))
            groups["completions_within_a_minute", person, ""].append((person, order))
            groups["institution_all_flagged", order.institution_id, ""].append((person, order))

    def odd(pattern: str, orders: list[tuple[str, Order]]) -> bool:
        times = sorted(order.completed_at or 0 for _, order in orders)
        doubtful = [set(order.flags) & set(HOLDING_FLAGS) for _, order in orders]
        return {
            "order_id_of_several_people": len({person for person, _ in orders}) > 1,
            "certificate_of_several_orders": len(orders) > 1,
            "completions_within_a_minute": any(later - earlier < 60_000_000 for earlier, later in pairwise(times)),
            "institution_all_flagged": len(orders) > 2 and all(doubtful),
        }[pattern]

    def taking_part(pattern: str, orders: list[tuple[str, Order]]) -> list[Order]:
        found = [order for _, order in orders]
        if pattern != "completions_within_a_minute":
            return found
        near = Counter(
            at for one, other in combinations(found, 2) for at in (id(one), id(other)) if within_a_minute(one, other)
        )
        return [order for order in found if near[id(order)]]

    def case(key: tuple[str, str, str], orders: list[Order]) -> Case:
        times = [(one.purchased_at if key[0].startswith("order_id") else one.completed_at) or 0 for one in orders]
        institutions = len({one.institution_id for one in orders})
        paid = sum(one.price for one in orders)
        return *key, len(orders), institutions, paid, second(min(times)), second(max(times))

    return {case(key, taking_part(key[0], orders)) for key, orders in groups.items() if odd(key[0], orders)}


def within_a_minute(one: Order, other: Order) -> bool:
    return abs((one.completed_at or 0) - (other.completed_at or 0)) < 60_000_000


def test_suspicious_patterns_are_found(warehouse: Warehouse, model: Model) -> None:
    found = shown(warehouse, "SELECT * FROM suspicious")
    columns = ("pattern", "subject", "platform_id", "orders", "institutions", "paid", "first_at", "last_at")
    assert {tuple(row[name] for name in columns) for row in found} == suspects(model)
    assert len(found) == len(suspects(model))
