"""The journal's columns: declared once, complete, and filled for every batch."""

from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dompet.projections.columns import COLUMNS, EVENT, Kind
from dompet.projections.fold import Fold
from dompet.projections.journal import Category, Nullable, journal_rows
from dompet.projections.result import MONEY
from dompet.projections.state import ORDER_COLUMNS, WALLET_COLUMNS
from dompet.schemas.contracts import Contract, events_by_name
from dompet.schemas.contracts import Kind as FieldKind
from dompet.schemas.decode import decode
from dompet.schemas.records import Records
from dompet.schemas.rules import read_rules
from dompet.schemas.strings import Strings
from tests.model.events import history
from tests.projections.table_values import read_event
from tests.schemas.log_records import CONTRACTS, batch, rightly_placed, valid
from tests.support.folding import Folding, attribute, records

COLUMN_OF = {"reason": "stated_reason", "occurred_at": "occurred_at_us"}
KINDS = {
    FieldKind.STRING: {Kind.STRING, Kind.CATEGORY},
    FieldKind.LONG: {Kind.INT64},
    FieldKind.TIME: {Kind.INT64},
    FieldKind.BOOLEAN: {Kind.UINT8},
    FieldKind.NULLABLE_LONG: {Kind.NULLABLE},
}
NAMES = {column.name: column for column in COLUMNS}


def journal_of(batch: Records) -> dict[str, Any]:
    fold = Fold(read_rules())
    decoded = decode(batch)
    return journal_rows(decoded, fold.apply(decoded), fold.state, fold.laws)


def every_type() -> Records:
    rng = Random(1)
    return batch([valid(rng, contract) for contract in CONTRACTS * 3])


def test_no_two_columns_have_one_name() -> None:
    assert len(NAMES) == len(COLUMNS)


@pytest.mark.parametrize("contract", events_by_name().values(), ids=lambda contract: contract.name)
def test_every_field_of_every_event_has_a_column_of_its_kind(contract: Contract) -> None:
    columns = {column.name: column.kind for column in EVENT}
    for field in contract.fields:
        assert columns[COLUMN_OF.get(field.name, field.name)] in KINDS[field.kind]


def test_every_event_column_but_the_type_is_a_field_of_some_event() -> None:
    fields = {COLUMN_OF.get(f.name, f.name) for contract in events_by_name().values() for f in contract.fields}
    assert {column.name for column in EVENT} == fields | {"type"}


def test_all_that_a_wallet_and_an_order_are_has_a_column() -> None:
    kept = {attribute(column) for column in COLUMNS if "after" in column.name or column.name.startswith("order_")}
    assert {*WALLET_COLUMNS, *ORDER_COLUMNS} <= kept | {"has_score", "partition"}
    assert {f"{name}_change" for name in MONEY} <= NAMES.keys()


def test_a_batch_of_all_types_says_all_that_its_events_say() -> None:
    journal = journal_of(every_type())
    assert {column.name for column in EVENT} <= journal.keys() <= NAMES.keys()


@pytest.mark.parametrize("size", [0, 1, 200])
def test_every_column_has_a_row_for_each_record_and_the_declared_form(size: int) -> None:
    rng = Random(size)
    events = [event for _ in range(20) for event in history(rng)][:size]
    for log in (records(events), batch([rightly_placed(b"p", None)] * size)):
        for name, column in journal_of(log).items():
            kind = NAMES[name].kind
            assert rows_in(column) == size
            assert has_form(column, kind), f"{name} of {kind} is {column!r}"


def rows_in(column: Any) -> int:
    match column:
        case Category():
            return len(column.codes)
        case Nullable():
            assert len(column.values) == len(column.present)
            return len(column.values)
    return len(column)


def has_form(column: Any, kind: Kind) -> bool:
    match kind:
        case Kind.CATEGORY if isinstance(column, Category):
            values = [column.values.row(row) for row in range(len(column.values))]
            assert len(set(values)) == len(values)
            return column.codes.dtype == np.int32 and bool((column.codes < len(values)).all())
        case Kind.CATEGORY:
            return bool(pa.types.is_dictionary(column.type))
        case Kind.NULLABLE:
            return isinstance(column, Nullable) and column.values.dtype == np.int64 and column.present.dtype == np.bool_
        case Kind.STRING:
            return isinstance(column, Strings) or bool(column.type == pa.string())
    return bool(column.dtype == {Kind.INT64: np.int64, Kind.INT32: np.int32, Kind.UINT8: np.uint8}[kind])


def test_a_dead_record_keeps_its_place_and_says_nothing() -> None:
    [row] = Folding().rows_of(batch([rightly_placed(b"p", b"\1")]))
    said = {name: value for name, value in row.items() if value and name not in ("partition", "recorded_at_us")}
    assert said == {"outcome": "dead"}


def test_a_null_score_is_not_a_score_of_zero() -> None:
    completed = "CourseCompleted p 2020-05-01"
    rows = Folding().rows([read_event("e", f"{completed} score={score}".split()) for score in ("null", "0", "-5")])
    assert [row["score"] for row in rows] == [None, 0, -5]


def test_reasons_of_the_event_and_of_the_rejection_stand_apart() -> None:
    [row] = Folding().rows([read_event("e", ["SaldoRevoked", "p", "2020-05-01", "reason=ineligible"])])
    assert (row["stated_reason"], row["outcome"], row["reason"]) == ("ineligible", "rejected", "unknown_wallet")
