"""Conservation is checked against what is stored: whatever was tampered with is found and named."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from dompet.streams.answers.check import differences
from dompet.streams.warehouse import Warehouse
from tests.support.crowd import crowd
from tests.support.folding import Folding, records
from tests.support.stored import folded, shown, store

EVENTS = crowd(5, 8)


@pytest.fixture
def stored(warehouse: Warehouse) -> Iterator[Warehouse]:
    table, _ = folded(Folding(), records(EVENTS))
    store(warehouse, [table, table])
    assert differences(warehouse.answer) == (0, [])
    yield warehouse


def changed(warehouse: Warehouse, table: str, where: str, column: str, by: int) -> str:
    """Put a row's column off by so much, as somebody with access could; whose row it is."""
    row = warehouse.read(f"SELECT * FROM {table} FINAL WHERE {where} ORDER BY beneficiary_id LIMIT 1")
    assert row.num_rows == 1
    place = row.column_names.index(column)
    value = pa.array([row[column][0].as_py() + by], row.schema.field(place).type)
    warehouse.insert(table, row.set_column(place, column, value))
    person = row["beneficiary_id"][0].as_py()
    return person.decode() if isinstance(person, bytes) else str(person)


def test_a_balance_that_was_changed_is_found(stored: Warehouse) -> None:
    person = changed(stored, "wallet_rows", "status = 'active'", "balance", 1)
    [wallet] = shown(stored, f"SELECT wave, decree, credited, balance FROM wallets WHERE beneficiary_id = '{person}'")
    number, found = differences(stored.answer)
    laws = {(one["law"], one["subject"]) for one in found}
    assert laws == {
        ("balance = the sum of its effects in the journal", f"wallet {person}"),
        ("credited = balance + spent - refunded + returned", f"wallet {person}"),
        ("credited = net spent + returned + remaining", f"wave {wallet['wave']}, decree {wallet['decree']}"),
    }
    assert number == 3
    assert all(abs(one["found"] - one["expected"]) == 1 for one in found)


def test_an_effect_that_was_changed_is_found(stored: Warehouse) -> None:
    where = "outcome = 'accepted' AND type = 'CoursePurchased'"
    person = changed(stored, "journal_rows", where, "spent_change", -7)
    _, found = differences(stored.answer)
    assert {one["law"] for one in found} == {
        "balance = the sum of its effects in the journal",
        "net spent on the platform by orders = by the journal",
        "spent = the sum of its effects in the journal",
    }
    assert f"wallet {person}" in {one["subject"] for one in found}


def test_an_order_whose_price_was_changed_is_found(stored: Warehouse) -> None:
    changed(stored, "order_rows", "refunded = 0", "price", 5)
    _, found = differences(stored.answer)
    assert [(one["law"], one["found"] - one["expected"]) for one in found] == [
        ("net spent on the platform by orders = by the journal", 5)
    ]


@pytest.mark.parametrize("column", ["incentive_paid", "clawback_repaid"])
def test_more_paid_than_due_is_found(stored: Warehouse, column: str) -> None:
    person = changed(stored, "wallet_rows", "1", column, 10**15)
    _, found = differences(stored.answer)
    [law] = [one["law"] for one in found if "<=" in one["law"]]
    assert law.startswith(f"{column} <= ")
    assert {one["subject"] for one in found} == {f"wallet {person}"}


def test_a_batch_that_is_being_stored_is_no_difference(stored: Warehouse) -> None:
    where = "outcome = 'accepted' AND type = 'CoursePurchased'"
    person = changed(stored, "journal_rows", where, "spent_change", -7)
    [place] = shown(
        stored, f"SELECT partition, min(offset) AS at FROM journal WHERE beneficiary_id = '{person}' GROUP BY partition"
    )
    vouched = {"topic": "t", "partition": place["partition"], "next_offset": place["at"], "rows": 1}
    types = {"partition": pa.int32(), "next_offset": pa.int64(), "rows": pa.int64(), "topic": pa.string()}
    stored.insert("checkpoint_rows", pa.table({name: pa.array([vouched[name]], kind) for name, kind in types.items()}))
    assert differences(stored.answer) == (0, [])
