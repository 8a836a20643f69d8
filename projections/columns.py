"""The journal's columns, and those of the tables with each wallet and order, declared once.

Tables, views, their comments and the docs are made from this file or checked against it by tests. Times are UTC
microseconds (`_us`), amounts whole rupiah. Where something is absent, 0 or the empty text is stored, but for scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a column is stored; the values are ClickHouse's names."""

    INT64 = "Int64"
    INT32 = "Int32"
    UINT8 = "UInt8"
    NULLABLE = "Nullable(Int64)"
    STRING = "String"
    CATEGORY = "LowCardinality(String)"


class Meaning(StrEnum):
    """What a stored number means: views show that, not the number."""

    ITSELF = "itself"
    RUPIAH = "rupiah"
    MOMENT = "moment"
    """UTC microseconds."""
    DAYS = "days"
    """A day, counted from 1970-01-01."""
    YES_NO = "yes or no"
    FLAGS = "flags"
    """Names, as bits: see `Flag`."""
    NUMBERS = "numbers"
    """Numbers from 1 on, as bits: bit n − 1 for n."""


@dataclass(frozen=True)
class Column:
    """A column of a table, and what people read in it.

    `doc` is a sentence. `absent`: what is stored where there is none is no value. `only_of`: the one event type that
    has it, where another's 0 could be taken for a value.
    """

    name: str
    kind: Kind
    doc: str
    meaning: Meaning = Meaning.ITSELF
    absent: bool = False
    only_of: str = ""


def _rupiah(name: str, doc: str) -> Column:
    return Column(name, Kind.INT64, doc, Meaning.RUPIAH)


def _moment(name: str, doc: str, *, absent: bool = False) -> Column:
    return Column(name, Kind.INT64, doc, Meaning.MOMENT, absent)


def _yes_no(name: str, doc: str, only_of: str = "") -> Column:
    return Column(name, Kind.UINT8, doc, Meaning.YES_NO, only_of=only_of)


def _flags(name: str, doc: str) -> Column:
    return Column(name, Kind.UINT8, doc, Meaning.FLAGS)


def _numbers(name: str, doc: str) -> Column:
    return Column(name, Kind.INT64, doc, Meaning.NUMBERS)


POSITION: Final = (
    Column("partition", Kind.INT32, "The log's partition."),
    Column("offset", Kind.INT64, "The record's offset in the partition."),
    _moment("recorded_at_us", "When the broker stored the record."),
)
EVENT: Final = (
    Column("type", Kind.CATEGORY, "The event's type; empty for a dead record."),
    Column("event_id", Kind.STRING, "Identifies the event."),
    Column("beneficiary_id", Kind.STRING, "The person's pseudonym."),
    _moment("occurred_at_us", "When it happened.", absent=True),
    Column("publisher_id", Kind.CATEGORY, "The publisher of the event."),
    Column("credit_id", Kind.STRING, "Of SaldoCredited: the credit."),
    Column("decree", Kind.CATEGORY, "Of SaldoCredited: the decree."),
    Column("wave", Kind.INT64, "Of SaldoCredited: the wave."),
    _rupiah("amount", "The amount, of every type that has one; what went back, where the balance was taken back."),
    Column("platform_id", Kind.CATEGORY, "The order's platform."),
    Column("order_id", Kind.STRING, "The order."),
    Column("course_id", Kind.CATEGORY, "Of CoursePurchased: the course."),
    Column("institution_id", Kind.CATEGORY, "Of CoursePurchased and CourseRedeemed: the institution."),
    _rupiah("price", "Of CoursePurchased: the price."),
    _rupiah("commission", "Of CoursePurchased: the platform's commission."),
    Column("stated_reason", Kind.STRING, "The event's own field `reason`; the rejection's is `reason`."),
    Column("session", Kind.INT64, "Of AttendanceRecorded: the session's number."),
    _yes_no("present", "Of AttendanceRecorded: whether the person was there.", "AttendanceRecorded"),
    Column("certificate_id", Kind.STRING, "Of CourseCompleted: the certificate.", absent=True),
    Column("score", Kind.NULLABLE, "Of CourseCompleted: the score.", absent=True),
    Column("rating", Kind.INT64, "Of CourseReviewed: the rating, from 1 to 5.", only_of="CourseReviewed"),
    Column("officer_id", Kind.CATEGORY, "Of OrderCleared: the officer."),
    Column("note", Kind.STRING, "Of OrderCleared: the officer's note."),
    Column("survey_no", Kind.INT64, "Of SurveySubmitted: the survey's number."),
    Column("payout_id", Kind.STRING, "Of the incentive's events: the payout."),
    Column("channel", Kind.CATEGORY, "Of the incentive's events: the channel of the payout."),
    Column("sanction", Kind.CATEGORY, "Of BeneficiarySanctioned: suspend, reinstate or blacklist."),
    Column("clawback_id", Kind.STRING, "Of the clawback's events: the clawback."),
    Column("repayment_id", Kind.STRING, "Of ClawbackRepaid: the repayment."),
)
DECISION: Final = (
    Column("outcome", Kind.CATEGORY, "accepted, duplicate, rejected, or dead."),
    Column("reason", Kind.CATEGORY, "Why it was rejected; empty otherwise."),
    _flags("flag_bits", "The flags that this event raised."),
    _rupiah("credited_change", "The event's effect on the wallet's credited."),
    _rupiah("spent_change", "The event's effect on the wallet's spent."),
    _rupiah("refunded_change", "The event's effect on the wallet's refunded."),
    _rupiah("returned_change", "The event's effect on the wallet's returned."),
    _rupiah("incentive_due_change", "The event's effect on the wallet's incentive_due."),
    _rupiah("incentive_paid_change", "The event's effect on the wallet's incentive_paid."),
    _rupiah("clawback_ordered_change", "The event's effect on the wallet's clawback_ordered."),
    _rupiah("clawback_repaid_change", "The event's effect on the wallet's clawback_repaid."),
)
WALLET: Final = (
    Column("rules_after", Kind.CATEGORY, "The wallet's rule set; empty where there is no wallet."),
    Column("wave_after", Kind.INT64, "The wave of the wallet's first credit."),
    Column("decree_after", Kind.CATEGORY, "The decree of the wallet's first credit."),
    Column("status_after", Kind.CATEGORY, "active, suspended, expired, revoked or blacklisted."),
    Column("credits_after", Kind.INT32, "How many credits the wallet had."),
    _rupiah("credited_after", "The sum of the wallet's credits."),
    _rupiah("spent_after", "The sum of the wallet's purchases."),
    _rupiah("refunded_after", "The sum of the wallet's refunds."),
    _rupiah("returned_after", "What went back to the state."),
    _rupiah("balance_after", "What is left in the wallet."),
    _moment("first_purchase_due_after_us", "Until when the first purchase must be made."),
    _moment("spend_by_after_us", "Until when the balance must be spent."),
    Column("purchases_after", Kind.INT32, "How many purchases were accepted, ever."),
    Column("open_orders_after", Kind.INT32, "How many orders are neither completed nor refunded."),
    _yes_no("entitled_after", "Whether an order entitled the person to the incentive."),
    _yes_no("held_after", "Whether the entitlement waits for a doubtful order to be cleared."),
    _rupiah("incentive_due_after", "What the person is owed in all, paid or not."),
    _rupiah("incentive_paid_after", "What was paid of the incentive and not sent back."),
    Column("payout_failures_after", Kind.INT32, "How many payouts failed."),
    _numbers("surveys_after", "The surveys that were submitted."),
    _rupiah("clawback_ordered_after", "What the state asked back."),
    _rupiah("clawback_repaid_after", "What was paid back of the clawbacks."),
)
ORDER: Final = (
    Column("order_course_id", Kind.CATEGORY, "The order's course; empty where there is no order."),
    Column("order_institution_id", Kind.CATEGORY, "The order's institution."),
    _rupiah("order_price", "The order's price."),
    _rupiah("order_commission", "The order's commission for the platform."),
    _moment("order_purchased_at_us", "When the order was bought."),
    _moment("order_redeemed_at_us", "When the order was redeemed.", absent=True),
    _numbers("order_sessions", "The sessions for which attendance was recorded."),
    _numbers("order_attended", "The sessions that the person attended."),
    _moment("order_completed_at_us", "When the course was completed.", absent=True),
    Column("order_certificate_id", Kind.STRING, "The certificate.", absent=True),
    Column("order_score", Kind.NULLABLE, "The score.", absent=True),
    _moment("order_reviewed_at_us", "When the course was reviewed.", absent=True),
    Column("order_rating", Kind.UINT8, "The review's rating, from 1 to 5.", absent=True),
    _yes_no("order_refunded", "Whether the order was refunded."),
    _flags("order_flag_bits", "All flags raised on the order."),
    _yes_no("order_cleared", "Whether an officer cleared the order."),
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
