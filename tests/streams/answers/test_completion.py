"""How far orders came, by views and by `dompet funnel`, on either warehouse: held to the model's rows and orders."""

from collections import Counter, defaultdict
from typing import Any, Final

import pyarrow as pa
import pytest

from dompet.streams.answers.funnel import COUNTS, funnel_sql
from dompet.streams.answers.unfinished import KEYS, SUMS, unfinished_orders_sql, unfinished_sql
from dompet.streams.warehouse import Warehouse
from tests.model import Model, Order
from tests.model.state import HOLDING_FLAGS, OrderKey
from tests.support import answered
from tests.support.answered import of_orders
from tests.support.folding import Row
from tests.support.stored import moment, second, shown


@pytest.fixture(scope="module")
def model() -> Model:
    return answered.modelled()[0]


@pytest.fixture(scope="module")
def accepted() -> list[Row]:
    return answered.accepted()


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    """The events, stored twice."""
    answered.store_twice(shared_warehouse)
    return shared_warehouse


def steps(accepted: list[Row], key: str) -> dict[Any, Counter[str]]:
    """How many orders came how far, counted one by one."""
    seen: dict[Any, dict[str, set[OrderKey]]] = defaultdict(lambda: defaultdict(set))
    names = {
        "CoursePurchased": "purchased", "CourseRedeemed": "redeemed", "CourseCompleted": "completed",
        "CourseReviewed": "reviewed", "PurchaseRefunded": "refunded", "OrderCleared": "cleared",
    }  # fmt: skip
    for row in accepted:
        if row["type"] in names:
            seen[row[key]][names[row["type"]]].add(of_orders(row))
        if row["type"] == "AttendanceRecorded" and row["present"]:
            seen[row[key]]["attended"].add(of_orders(row))
        if row["flag_bits"]:
            seen[row[key]]["flagged"].add(of_orders(row))
    return {value: Counter({name: len(orders) for name, orders in of.items()}) for value, of in seen.items()}


BY: Final = {
    "platform": ("platform_id", "platform_id"),
    "institution": ("institution_id", "order_institution_id"),
    "course": ("course_id", "order_course_id"),
    "wave": ("wave", "wave_after"),
}


@pytest.mark.parametrize("by", BY)
def test_the_funnel_counts_every_order_at_each_step_that_it_reached(
    warehouse: Warehouse, accepted: list[Row], by: Any
) -> None:
    column, of = BY[by]
    expected = steps(accepted, of)
    found = shown(warehouse, funnel_sql(by))
    assert {row[column]: Counter({name: row[name] for name in COUNTS if row[name]}) for row in found} == expected
    whole = shown(warehouse, f"SELECT {column}, sum(orders_purchased) AS n FROM funnel GROUP BY {column}")
    assert {row[column]: row["n"] for row in whole} == {key: of["purchased"] for key, of in expected.items()}
    assert all(sum(of[name] for of in expected.values()) for name in COUNTS)


@pytest.mark.parametrize("by", BY)
def test_the_funnel_as_of_a_moment_counts_the_steps_that_had_happened(
    warehouse: Warehouse, accepted: list[Row], by: Any
) -> None:
    column, of = BY[by]
    moments = sorted(row["occurred_at_us"] for row in accepted)
    for until in moments[:: len(moments) // 7]:
        expected = steps([row for row in accepted if row["occurred_at_us"] <= until], of)
        found = shown(warehouse, funnel_sql(by, until))
        assert {row[column]: Counter({name: row[name] for name in COUNTS if row[name]}) for row in found} == expected
        unfinished = Counter[Any]()
        for row, _ in open_at(accepted, until).values():
            unfinished[row[of]] += row["price"]
        assert {row[column]: row["unfinished_paid"] for row in found if row["unfinished_paid"]} == unfinished


def test_what_is_paid_and_unfinished_is_the_price_of_open_orders(warehouse: Warehouse, model: Model) -> None:
    unfinished = {key: one for key, one in model.orders.items() if one.state in ("purchased", "redeemed")}
    [found] = shown(warehouse, "SELECT sum(total_paid) AS paid, sum(total_unfinished) AS unfinished FROM funnel")
    assert found == {
        "paid": sum(one.price for one in model.orders.values()),
        "unfinished": sum(one.price for one in unfinished.values()),
    }
    listed = shown(warehouse, "SELECT * FROM unfinished")
    assert {of_orders(row): row["redeemed_at"] for row in listed} == {
        key: moment(one.redeemed_at) for key, one in unfinished.items()
    }


def open_at(accepted: list[Row], until: int) -> dict[OrderKey, tuple[Row, bool]]:
    """The purchases that were neither completed nor refunded by that second, and whether they were redeemed."""
    purchases: dict[OrderKey, Row] = {}
    seen: dict[str, set[OrderKey]] = defaultdict(set)
    for row in accepted:
        if row["platform_id"] and row["occurred_at_us"] // 10**6 <= until // 10**6:
            seen[row["type"]].add(of_orders(row))
            if row["type"] == "CoursePurchased":
                purchases[of_orders(row)] = row
    over = seen["CourseCompleted"] | seen["PurchaseRefunded"]
    return {key: (row, key in seen["CourseRedeemed"]) for key, row in purchases.items() if key not in over}


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("by", ["platform", "wave"])
def test_what_was_unfinished_on_a_day_is_reported_with_what_was_not_even_redeemed(
    warehouse: Warehouse, accepted: list[Row], by: Any, part: float
) -> None:
    moments = sorted(row["occurred_at_us"] for row in accepted)
    until = moments[int(part * (len(moments) - 1))]
    orders = open_at(accepted, until)
    expected: dict[Any, Counter[str]] = defaultdict(Counter)
    for row, redeemed in orders.values():
        price, left = row["price"], not redeemed
        reported = {"orders": 1, "paid": price, "not_redeemed": left, "not_redeemed_paid": price * left}
        expected[row[BY[by][1]]].update(reported)
    found = shown(warehouse, unfinished_sql(by, until))
    assert {row[KEYS[by]]: {name: row[name] for name in SUMS} for row in found} == expected
    listed = shown(warehouse, unfinished_orders_sql(until))
    assert {of_orders(row): row["redeemed_by_then"] is not None for row in listed} == {
        key: redeemed for key, (_, redeemed) in orders.items()
    }
    if part == 1.0:
        assert shown(warehouse, unfinished_sql(by)) == found


def test_the_category_is_that_of_the_newest_listing(warehouse: Warehouse, accepted: list[Row]) -> None:
    listings = [("k", 1, "Old"), ("k", 2, "Language")]
    names = ("course_id", "valid_from_us", "category", "version", "deleted")
    columns = zip(*((course, at * 10**6, category, at, 0) for course, at, category in listings), strict=True)
    table = pa.table(dict(zip(names, columns, strict=True)))
    deleted = table.schema.get_field_index("deleted")
    warehouse.insert("course_rows", table.set_column(deleted, "deleted", table["deleted"].cast(pa.uint8())))
    by_course = steps(accepted, "order_course_id")
    expected = {"Language": by_course.pop("k")["purchased"], "": sum(of["purchased"] for of in by_course.values())}
    assert {row["category"]: row["purchased"] for row in shown(warehouse, funnel_sql("category"))} == expected


def test_an_order_has_all_its_moments_and_who_cleared_it(
    warehouse: Warehouse, model: Model, accepted: list[Row]
) -> None:
    ends = {(of_orders(row), row["type"]): row for row in accepted}
    found = {of_orders(row): row for row in shown(warehouse, "SELECT * FROM order_history")}
    assert found.keys() == model.orders.keys()
    for key, order in model.orders.items():
        refund, clearing = ends.get((key, "PurchaseRefunded")), ends.get((key, "OrderCleared"))
        row, wallet = found[key], model.wallets[key[0]]
        assert (row["wave"], row["decree"], row["state"]) == (wallet.wave, wallet.decree, order.state)
        for name in ("purchased_at", "redeemed_at", "completed_at", "reviewed_at"):
            assert row[name] == moment(getattr(order, name))
        assert row["refunded_at"] == (second(refund["occurred_at_us"]) if refund else None)
        assert row["cleared_at"] == (second(clearing["occurred_at_us"]) if clearing else None)
        assert row["cleared_by"] == (clearing["officer_id"] if clearing else None)
        assert set(row["flags"]) == set(order.flags)


def keys(warehouse: Warehouse, view: str) -> set[OrderKey]:
    return {of_orders(row) for row in shown(warehouse, f"SELECT * FROM {view}")}


def test_flagged_held_and_cleared_orders_are_listed(warehouse: Warehouse, model: Model) -> None:
    def those(holds: Any) -> set[OrderKey]:
        return {key for key, order in model.orders.items() if holds(key, order)}

    def doubtful(key: OrderKey, order: Order) -> bool:
        flagged = bool(set(order.flags) & set(HOLDING_FLAGS)) and order.completed_at is not None
        wallet = model.wallets[key[0]]
        waits = wallet.held and wallet.status not in ("revoked", "blacklisted") and order.reviewed_at is not None
        return flagged and not order.cleared and waits

    assert keys(warehouse, "flagged") == those(lambda key, order: order.flags) != set()
    assert keys(warehouse, "held") == those(doubtful) != set()
    assert keys(warehouse, "cleared") == those(lambda key, order: order.cleared) != set()


def test_completion_times_are_whole_minutes_from_the_purchase(warehouse: Warehouse, model: Model) -> None:
    minutes = defaultdict(list)
    for (_, platform, _), order in model.orders.items():
        if order.completed_at is not None:
            minutes[platform, order.institution_id].append((order.completed_at - order.purchased_at) // 60_000_000)
    found = {
        (row["platform_id"], row["institution_id"]): row for row in shown(warehouse, "SELECT * FROM completion_times")
    }
    assert found.keys() == minutes.keys()
    for key, values in minutes.items():
        row = found[key]
        assert (row["completed"], row["shortest"], row["longest"]) == (len(values), min(values), max(values))
        assert min(values) <= row["tenth"] <= row["median"] <= row["ninetieth"] <= max(values)
        assert sorted(values).index(row["median"]) <= len(values) // 2
