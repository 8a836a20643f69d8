"""The journal's columns, declared once, and how a folded batch fills them: one row for each record of the log.

Migrations, views and docs that repeat a column are checked against this file by tests. Times are UTC microseconds
(`_us`), amounts whole rupiah. A column that a batch leaves out stands at its default (0 or "") in every row of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.laws import Laws
from dompet.projections.result import Result
from dompet.projections.state import State
from dompet.projections.vocabulary import Outcome, Status, Verdict
from dompet.schemas.compiled import compiled
from dompet.schemas.contracts import events_by_name
from dompet.schemas.decode import Decoded
from dompet.schemas.strings import Strings

Codes = NDArray[np.int32]


class Kind(StrEnum):
    """How a column is stored; the values are ClickHouse's names."""

    INT64 = "Int64"
    INT32 = "Int32"
    UINT8 = "UInt8"
    NULLABLE = "Nullable(Int64)"
    STRING = "String"
    CATEGORY = "LowCardinality(String)"


@dataclass(frozen=True)
class Column:
    """A column of `journal_rows`."""

    name: str
    kind: Kind
    doc: str


@dataclass(frozen=True)
class Category:
    """Texts of few different values: a code a row, and the values, each another, that codes stand for."""

    codes: NDArray[np.int32]
    values: Strings


@dataclass(frozen=True)
class Nullable:
    """Numbers, some of them null."""

    values: NDArray[np.int64]
    present: NDArray[np.bool_]


POSITION: Final = (
    Column("partition", Kind.INT32, "The log's partition."),
    Column("offset", Kind.INT64, "The record's offset in it."),
    Column("recorded_at_us", Kind.INT64, "When the broker stored the record."),
)
EVENT: Final = (
    Column("type", Kind.CATEGORY, "The event's type; empty for a dead record."),
    Column("event_id", Kind.STRING, "Identifies the event."),
    Column("beneficiary_id", Kind.STRING, "The person's pseudonym."),
    Column("occurred_at_us", Kind.INT64, "When it happened."),
    Column("publisher_id", Kind.CATEGORY, "Who says so."),
    Column("credit_id", Kind.STRING, "Of SaldoCredited."),
    Column("decree", Kind.CATEGORY, "Of SaldoCredited."),
    Column("wave", Kind.INT64, "Of SaldoCredited."),
    Column("amount", Kind.INT64, "Of every type that has one."),
    Column("platform_id", Kind.CATEGORY, "The order's platform."),
    Column("order_id", Kind.STRING, "The order."),
    Column("course_id", Kind.CATEGORY, "Of CoursePurchased."),
    Column("institution_id", Kind.CATEGORY, "Of CoursePurchased and CourseRedeemed."),
    Column("price", Kind.INT64, "Of CoursePurchased."),
    Column("commission", Kind.INT64, "Of CoursePurchased."),
    Column("stated_reason", Kind.STRING, "The event's own field `reason`; the rejection's is `reason`."),
    Column("session", Kind.INT64, "Of AttendanceRecorded."),
    Column("present", Kind.UINT8, "Of AttendanceRecorded."),
    Column("certificate_id", Kind.STRING, "Of CourseCompleted."),
    Column("score", Kind.NULLABLE, "Of CourseCompleted, where there is one."),
    Column("rating", Kind.INT64, "Of CourseReviewed."),
    Column("officer_id", Kind.CATEGORY, "Of OrderCleared."),
    Column("note", Kind.STRING, "Of OrderCleared."),
    Column("survey_no", Kind.INT64, "Of SurveySubmitted."),
    Column("payout_id", Kind.STRING, "Of the incentive's events."),
    Column("channel", Kind.CATEGORY, "Of the incentive's events."),
    Column("sanction", Kind.CATEGORY, "Of BeneficiarySanctioned."),
    Column("clawback_id", Kind.STRING, "Of the clawback's events."),
    Column("repayment_id", Kind.STRING, "Of ClawbackRepaid."),
)
DECISION: Final = (
    Column("outcome", Kind.CATEGORY, "accepted, duplicate, rejected, or dead."),
    Column("reason", Kind.CATEGORY, "Why it was rejected; empty otherwise."),
    Column("flag_bits", Kind.UINT8, "The flags that this event raised, as bits."),
    Column("credited_change", Kind.INT64, "The event's effect on the wallet's credited."),
    Column("spent_change", Kind.INT64, "On spent."),
    Column("refunded_change", Kind.INT64, "On refunded."),
    Column("returned_change", Kind.INT64, "On returned."),
    Column("incentive_due_change", Kind.INT64, "On incentive_due."),
    Column("incentive_paid_change", Kind.INT64, "On incentive_paid."),
    Column("clawback_ordered_change", Kind.INT64, "On clawback_ordered."),
    Column("clawback_repaid_change", Kind.INT64, "On clawback_repaid."),
)
WALLET: Final = (
    Column("rules_after", Kind.CATEGORY, "The wallet's rule set; empty where there is no wallet."),
    Column("wave_after", Kind.INT64, "The wave of its first credit."),
    Column("decree_after", Kind.CATEGORY, "The decree of its first credit."),
    Column("status_after", Kind.CATEGORY, "Its status."),
    Column("credits_after", Kind.INT32, "How many credits it had."),
    Column("credited_after", Kind.INT64, "Their sum."),
    Column("spent_after", Kind.INT64, "The sum of its purchases."),
    Column("refunded_after", Kind.INT64, "The sum of its refunds."),
    Column("returned_after", Kind.INT64, "What went back to the state."),
    Column("balance_after", Kind.INT64, "What is left."),
    Column("first_purchase_due_after_us", Kind.INT64, "Until when the first purchase must be made."),
    Column("spend_by_after_us", Kind.INT64, "Until when the balance must be spent."),
    Column("purchases_after", Kind.INT32, "Accepted purchases ever."),
    Column("open_orders_after", Kind.INT32, "Orders neither completed nor refunded."),
    Column("entitled_after", Kind.UINT8, "Whether an order entitled the person to the incentive."),
    Column("held_after", Kind.UINT8, "Whether the entitlement waits for a doubtful order to be cleared."),
    Column("incentive_due_after", Kind.INT64, "What the person is owed in all, paid or not."),
    Column("incentive_paid_after", Kind.INT64, "What was paid of it and not sent back."),
    Column("payout_failures_after", Kind.INT32, "How many payouts failed."),
    Column("surveys_after", Kind.INT64, "Surveys submitted: bit s − 1 for survey s."),
    Column("clawback_ordered_after", Kind.INT64, "What the state asked back."),
    Column("clawback_repaid_after", Kind.INT64, "What was paid back of it."),
)
ORDER: Final = (
    Column("order_course_id", Kind.CATEGORY, "The order's course; empty where there is no order."),
    Column("order_institution_id", Kind.CATEGORY, "Its institution."),
    Column("order_price", Kind.INT64, "Its price."),
    Column("order_commission", Kind.INT64, "Its commission."),
    Column("order_purchased_at_us", Kind.INT64, "When it was bought."),
    Column("order_redeemed_at_us", Kind.INT64, "When it was redeemed; 0 while it is not."),
    Column("order_sessions", Kind.INT64, "Sessions recorded: bit s − 1 for session s."),
    Column("order_attended", Kind.INT64, "Sessions attended, the same way."),
    Column("order_completed_at_us", Kind.INT64, "When it was completed; 0 while it is not."),
    Column("order_certificate_id", Kind.STRING, "Its certificate; empty while there is none."),
    Column("order_score", Kind.NULLABLE, "Its score, where there is one."),
    Column("order_reviewed_at_us", Kind.INT64, "When it was reviewed; 0 while it is not."),
    Column("order_rating", Kind.UINT8, "The review's rating; 0 while there is none."),
    Column("order_refunded", Kind.UINT8, "Whether it was refunded."),
    Column("order_flag_bits", Kind.UINT8, "All flags raised on it, as bits."),
    Column("order_cleared", Kind.UINT8, "Whether an officer cleared it."),
)
COLUMNS: Final = POSITION + EVENT + DECISION + WALLET + ORDER
"""Every column of `journal_rows`, in the table's order."""

_PLACE: Final = {"partition": "partition", "version": "offset"}
LATEST: Final[Mapping[str, Mapping[str, str]]] = {
    "wallet_rows": {
        "beneficiary_id": "beneficiary_id",
        **_PLACE,
        **{column.name.replace("_after", ""): column.name for column in WALLET},
    },
    "order_rows": {
        **{name: name for name in ("beneficiary_id", "platform_id", "order_id")},
        **_PLACE,
        **{column.name.removeprefix("order_"): column.name for column in ORDER},
    },
}
"""The tables with the last row of each wallet and order: by column, the journal's column that it comes from."""

_FIELD_OF: Final = {"stated_reason": "reason", "occurred_at_us": "occurred_at"}


def journal_rows(decoded: Decoded, result: Result, state: State, laws: Laws) -> dict[str, Any]:
    """The batch's rows in the log's order: by column name an array, a `Category`, a `Nullable`, `Strings`, or what the
    decoder made of an event's field. Columns at their default throughout are left out.
    """
    rows: dict[str, Any] = {
        "partition": decoded.records.partition,
        "offset": decoded.records.offset,
        "recorded_at_us": decoded.records.timestamp_us,
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
    """Rows of live events, which stand in the order of rounds, for the whole batch in the log's order: whole rows are
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
