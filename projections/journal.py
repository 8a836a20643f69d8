"""How a folded batch fills the journal's columns (`projections/columns.py`): one row for each record of the log.

A column that a batch leaves out is at its default (0 or "") in every row of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.columns import EVENT, ORDER, WALLET, Column, Kind
from dompet.projections.laws import Laws
from dompet.projections.result import Result
from dompet.projections.state import State
from dompet.projections.vocabulary import Outcome, Status, Verdict
from dompet.schemas.compiled import compiled
from dompet.schemas.contracts import events_by_name
from dompet.schemas.decode import Decoded
from dompet.schemas.strings import Strings

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Category:
    """Texts of few different values: a code a row, and the values of the codes, each another."""

    codes: NDArray[np.int32]
    values: Strings


@dataclass(frozen=True)
class Nullable:
    """Numbers, some of them null."""

    values: NDArray[np.int64]
    present: NDArray[np.bool_]


_FIELD_OF: Final = {"stated_reason": "reason", "occurred_at_us": "occurred_at"}


def journal_rows(decoded: Decoded, result: Result, state: State, laws: Laws) -> dict[str, Any]:
    """The batch's rows in the log's order: by column name an array, a `Category`, a `Nullable`, `Strings`, or what the
    decoder made of an event's field. Columns at their default throughout are left out.
    """
    rows: dict[str, Any] = {
        "partition": decoded.records.partition,
        "offset": decoded.records.offset,
        "recorded_at_us": decoded.records.recorded_at_us,
    }
    rows.update(_event_columns(decoded))
    rows.update(_decision_columns(decoded, result))
    rows.update(_after_columns(decoded, result, state, laws))
    return rows


def _event_columns(decoded: Decoded) -> Iterator[tuple[str, Any]]:
    """What the events say."""
    yield "type", Category(decoded.type_code.astype(np.int32), _strings("", *events_by_name()))
    for column in EVENT[1:]:
        name = _FIELD_OF.get(column.name, column.name)
        if name in decoded.arrow:
            yield column.name, decoded.categories(name) if column.kind is Kind.CATEGORY else decoded.arrow[name]
        elif column.kind is Kind.NULLABLE and name in decoded.longs:
            yield column.name, Nullable(decoded.longs[name], decoded.present[name])
        elif name in decoded.longs:
            yield column.name, decoded.longs[name].astype(_dtype(column.kind), copy=False)


def _decision_columns(decoded: Decoded, result: Result) -> Iterator[tuple[str, Any]]:
    """What became of them."""
    dead = len(Verdict)
    verdict = _spread(decoded, result, result.verdict, fill=dead)
    outcomes = [one.outcome for one in Verdict] + [Outcome.DEAD]
    names = _strings(*(one.name.lower() for one in Outcome))
    yield "outcome", Category(np.array(outcomes, dtype=np.int32)[verdict], names)
    reasons = sorted({one.reason for one in Verdict})  # the empty one first: also a dead record's
    of_verdict = [reasons.index(one.reason) for one in Verdict] + [0]
    yield "reason", Category(np.array(of_verdict, dtype=np.int32)[verdict], _strings(*reasons))
    yield from _some(decoded, result, "flag_bits", result.flags)
    for name, change in result.changes.items():
        yield from _some(decoded, result, f"{name}_change", change)


def _after_columns(decoded: Decoded, result: Result, state: State, laws: Laws) -> Iterator[tuple[str, Any]]:
    """The wallet and the order as they were after each event."""
    wallet, order = _in_log_order(decoded, result, result.wallet), _in_log_order(decoded, result, result.order)
    rules = np.where(wallet["status"] > 0, wallet["rules"].astype(np.int32) + 1, 0)
    yield "rules_after", Category(rules, _strings("", *laws.names))
    statuses = _strings("", *(one.name.lower() for one in Status if one))
    yield "status_after", Category(wallet["status"].astype(np.int32), statuses)
    for column in WALLET:
        name = column.name.removesuffix("_us").removesuffix("_after")
        if column.kind is Kind.CATEGORY and name == "decree":
            yield column.name, _texts(wallet[name], state)
        elif column.kind is not Kind.CATEGORY:
            yield from _unless_zero(column, wallet[name])
    for column in ORDER:
        name = column.name.removeprefix("order_").removesuffix("_us").replace("flag_bits", "flags")
        if column.kind is Kind.CATEGORY:
            yield column.name, _texts(order[name], state)
        elif column.kind is Kind.STRING:
            yield column.name, state.texts.strings(order[name])
        elif column.kind is Kind.NULLABLE:
            yield column.name, Nullable(np.ascontiguousarray(order[name]), np.ascontiguousarray(order["has_score"]))
        else:
            yield from _unless_zero(column, order[name])


def _in_log_order(decoded: Decoded, result: Result, rows: NDArray[np.void]) -> NDArray[np.void]:
    """Rows of live events, which are in the order of rounds, for the whole batch in the log's order: whole rows are
    moved once, not each of their columns. A dead record's is blank.
    """
    live = result.batch.rows
    place = np.zeros(len(decoded.type_code), dtype=np.int64)
    place[live] = np.arange(len(live))
    if not len(live):
        return np.zeros(len(place), dtype=rows.dtype)
    ordered: NDArray[np.void] = np.take(rows, place)
    if len(live) < len(place):
        ordered[decoded.type_code == 0] = np.zeros(1, dtype=rows.dtype)
    return ordered


def _unless_zero(column: Column, values: NDArray[Any]) -> Iterator[tuple[str, Any]]:
    """A column of rows as one that lies by itself, unless it is zero throughout."""
    alone = values.astype(_dtype(column.kind))
    if alone.any():
        yield column.name, alone


def _some(decoded: Decoded, result: Result, name: str, values: NDArray[Any]) -> Iterator[tuple[str, Any]]:
    """The column, unless it is zero throughout."""
    if values.any():
        yield name, _spread(decoded, result, values)


def _spread(decoded: Decoded, result: Result, values: NDArray[Any], fill: int = 0) -> NDArray[Any]:
    """Values of live events, in the order of rounds, as a column of the whole batch in the log's order."""
    column = np.full(len(decoded.type_code), fill, dtype=values.dtype)
    column[result.batch.rows] = values
    return column


def _texts(numbers: NDArray[np.int32], state: State) -> Category:
    codes = np.empty(len(numbers), dtype=np.int32)
    values = np.empty(len(numbers), dtype=np.int32)
    count = _code(
        np.ascontiguousarray(numbers), np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int32), codes, values
    )
    return Category(codes, state.texts.strings(values[:count]))


@compiled
def _code(numbers: Codes, given: Codes, codes: Codes, values: Codes) -> int:
    """Give each different number a code, in the order in which they come; returns how many there are."""
    count = 0
    for row, number in enumerate(numbers):
        if not given[number]:
            values[count] = number
            count += 1
            given[number] = count
        codes[row] = given[number] - 1
    return count


def _strings(*values: str) -> Strings:
    return Strings.of([value.encode() for value in values])


def _dtype(kind: Kind) -> Any:
    return {Kind.UINT8: np.uint8, Kind.INT32: np.int32}.get(kind, np.int64)
