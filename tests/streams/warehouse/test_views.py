"""What people query, on either warehouse: the journal and its views, each row once, with types that tell."""

import re
from random import Random

import pyarrow as pa
import pytest

from dompet.projections.columns import COLUMNS, Kind
from dompet.projections.digest import DIGESTED, digest_sql, weight
from dompet.schemas.limits import TIME_US_END, TIME_US_MIN
from dompet.schemas.records import Records
from dompet.streams.warehouse import Warehouse
from tests.model import Model, Rulebook
from tests.model.events import Event
from tests.schemas.log_records import any_record, batch
from tests.support.crowd import crowd
from tests.support.folding import Folding, Modelling, Row, records
from tests.support.stored import as_journal, as_orders, as_wallets, folded, shown, store, stored_rows, types_of

BY_PLACE = "ORDER BY partition, offset"
BY_KEY = {"wallets": "ORDER BY beneficiary_id", "orders": "ORDER BY beneficiary_id, platform_id, order_id"}


def lives() -> list[Event]:
    """Events of every type; one life is as late as a life can be."""
    last = {"type": "SaldoCredited", "event_id": "e", "beneficiary_id": "last", "occurred_at": TIME_US_END - 1}
    credit = {"publisher_id": "programme", "credit_id": "c", "decree": "SK-9", "wave": 9, "amount": 10**12}
    first = {"beneficiary_id": "first", "occurred_at": TIME_US_MIN}
    return [*crowd(3, 20), last | credit, last | credit | first]


def any_records(rng: Random, size: int, first_offset: int) -> Records:
    """Valid records and broken ones."""
    log = batch([any_record(rng.getrandbits(32)) for _ in range(size)])
    log.offset[:] += first_offset
    return log


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return lives()


@pytest.fixture(scope="module")
def rows(shared_warehouse: Warehouse, events: list[Event]) -> list[Row]:
    """The journal's rows as they should be; the warehouse has them twice, in other pieces the second time."""
    folding, made = Folding(), []
    tables: list[pa.Table] = []
    for begin in range(0, len(events), 300):
        table, some = folded(folding, records(events[begin : begin + 300], begin))
        tables.append(table)
        made += some
    rng = Random(4)
    table, some = folded(folding, any_records(rng, 100, len(events)))
    store(shared_warehouse, [*tables, table, *(one.slice(at, 150) for one in tables for at in (150, 0))])
    return sorted(made + some, key=lambda row: (row["partition"], row["offset"]))


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse, rows: list[Row]) -> Warehouse:
    return shared_warehouse


@pytest.fixture(scope="module")
def model(events: list[Event]) -> Model:
    model = Model(Rulebook.load())
    Modelling(model).rows(events)
    return model


def test_every_column_of_the_journal_comes_back(warehouse: Warehouse, rows: list[Row]) -> None:
    assert stored_rows(warehouse) == rows


def test_rows_that_were_written_twice_show_once(warehouse: Warehouse, rows: list[Row], model: Model) -> None:
    expected = {"journal": len(rows), "wallets": len(model.wallets), "orders": len(model.orders)}
    for view, count in expected.items():
        assert shown(warehouse, f"SELECT count() AS n FROM {view}") == [{"n": count}]
    assert shown(warehouse, "SELECT count() AS n FROM journal_rows")[0]["n"] > len(rows)


def test_the_journal_shows_what_was_said_decided_and_left(warehouse: Warehouse, rows: list[Row]) -> None:
    assert shown(warehouse, f"SELECT * FROM journal {BY_PLACE}") == [as_journal(row) for row in rows]


def test_wallets_are_the_models(warehouse: Warehouse, model: Model) -> None:
    expected = as_wallets(model, types_of(warehouse, "wallets"))
    assert shown(warehouse, f"SELECT * FROM wallets {BY_KEY['wallets']}") == expected


def test_orders_are_the_models(warehouse: Warehouse, model: Model) -> None:
    expected = as_orders(model, types_of(warehouse, "orders"))
    assert shown(warehouse, f"SELECT * FROM orders {BY_KEY['orders']}") == expected
    assert {order["state"] for order in expected} >= {"purchased", "completed", "reviewed", "refunded"}


def test_rejections_name_the_reason_and_the_money(warehouse: Warehouse, rows: list[Row]) -> None:
    found = shown(warehouse, f"SELECT * FROM rejections {BY_PLACE}")
    rejected = [as_journal(row) for row in rows if row["outcome"] == "rejected"]
    assert [one["amount"] for one in found] == [row["price"] or row["amount"] for row in rejected]
    same = found[0].keys() - {"amount"}
    assert [{name: one[name] for name in same} for one in found] == [
        {name: row[name] for name in same} for row in rejected
    ]


DAY, MAYBE_DAY, NUMBERS = "Date", "Nullable(Date)", "Array(UInt8)"
TEXT, NAME, MONEY, TIME, FLAGS = "String", "LowCardinality(String)", "Int64", "DateTime('UTC')", "Array(String)"
STORED = tuple(column.name for column in COLUMNS)
MAYBE_TIME = f"Nullable({TIME})"
PLACE = {"partition": "Int32", "offset": "Int64"}
PROMISED: dict[str, dict[str, str]] = {
    "wallets": {
        **dict.fromkeys(("credited", "spent", "refunded", "returned", "balance"), MONEY),
        **dict.fromkeys(("incentive_due", "incentive_paid", "clawback_ordered", "clawback_repaid"), MONEY),
        **dict.fromkeys(("entitled", "held"), TEXT),
        **dict.fromkeys(("first_purchase_due", "spend_by"), TIME),
        **dict.fromkeys(("first_purchase_due_on", "spend_by_on"), DAY),
        "surveys": NUMBERS,
        **{"beneficiary_id": TEXT, "rules": NAME, "decree": NAME, "status": NAME, "wave": "Int64"},
    },
    "orders": {
        **dict.fromkeys(("price", "commission"), MONEY),
        **{"purchased_at": TIME, "redeemed_at": MAYBE_TIME, "completed_at": MAYBE_TIME, "flags": FLAGS},
        **{"reviewed_at": MAYBE_TIME, "rating": "Nullable(UInt8)", "cleared": TEXT, "refunded": TEXT},
        **{"purchased_on": DAY, "completed_on": MAYBE_DAY, "sessions": NUMBERS, "attended": NUMBERS},
        **{"state": TEXT, "certificate_id": "Nullable(String)", "score": "Nullable(Int64)"},
    },
    "rejections": {**PLACE, "recorded_at": TIME, "occurred_at": TIME, "reason": NAME, "amount": MONEY},
    "dead_letters": {
        **PLACE,
        "topic": NAME,
        "recorded_at": TIME,
        "key": "Nullable(String)",
        "value": "Nullable(String)",
    },
    "checkpoints": {"partition": "Int32", "next_offset": "Int64", "digest": "UInt64", "recorded_at": TIME},
    "journal": {
        **PLACE,
        **{column.name: column.kind.value for column in COLUMNS if not column.name.endswith(("flag_bits", "_id"))},
        **{"recorded_at": TIME, "occurred_at": MAYBE_TIME, "reason": NAME, "flags": FLAGS, "order_flags": FLAGS},
        **{name.removesuffix("_us"): MAYBE_TIME for name in STORED if re.fullmatch("order_.*_us", name)},
        **dict.fromkeys(("certificate_id", "order_certificate_id"), "Nullable(String)"),
        **{"rating": "Nullable(Int64)", "score": "Nullable(Int64)", "order_rating": "Nullable(UInt8)"},
        **dict.fromkeys(("entitled_after", "held_after", "order_refunded", "order_cleared"), TEXT),
        **dict.fromkeys(("surveys_after", "order_sessions", "order_attended"), NUMBERS),
        **{"present": "Nullable(String)", "recorded_on": DAY, "occurred_on": MAYBE_DAY},
    },
}


@pytest.mark.parametrize("view", PROMISED)
def test_columns_have_the_types_that_are_promised(shared_warehouse: Warehouse, view: str) -> None:
    types = types_of(shared_warehouse, view)
    assert {name: types.get(name) for name in PROMISED[view]} == PROMISED[view]
    assert not [name for name, type_ in types.items() if "DateTime" in type_ and "'UTC'" not in type_]


def test_no_view_shows_a_reason_or_a_flag_that_is_null(warehouse: Warehouse) -> None:
    accepted = "SELECT count() AS n FROM journal WHERE outcome = 'accepted' AND reason = '' AND length(flags) = 0"
    assert shown(warehouse, accepted)[0]["n"] > 0


def by_the_book(rows: list[Row]) -> int:
    """The digest by plain arithmetic, which NumPy's is held to elsewhere."""
    sums = (sum(int(row[column.name] or 0) * weight(at) for at, column in enumerate(DIGESTED)) for row in rows)
    return sum(total * (2 * int(row["offset"]) + 1) for total, row in zip(sums, rows, strict=True)) % 2**64


def test_sql_computes_the_digest_of_any_rows(warehouse: Warehouse, rows: list[Row]) -> None:
    for where, some in {
        "1": rows,
        "outcome = 'dead'": [row for row in rows if row["outcome"] == "dead"],
        "partition = 5": [row for row in rows if row["partition"] == 5],
        "0": [],
    }.items():
        [found] = shown(warehouse, f"SELECT toString({digest_sql()}) AS digest FROM journal_rows FINAL WHERE {where}")
        assert int(found["digest"]) == by_the_book(some)
    assert {column.kind for column in DIGESTED} == {Kind.INT64, Kind.INT32, Kind.UINT8, Kind.NULLABLE}
