"""Lists of what belongs to single persons: wallets, events, clawbacks, incentives; and finding a person."""

from collections.abc import Sequence
from typing import Final

from dompet.streams.answers.by_keys import ByKeys, records_of_keys
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.narrow import of_person, partition_of_person, sent_by
from dompet.streams.answers.progress import age_of
from dompet.streams.answers.question import Question
from dompet.streams.answers.wallet import AsOf, timeline_sql, wallet_sql
from dompet.streams.warehouse.base import bound

_WALLET: Final = (
    *("beneficiary_id", "wave", "decree", "rules", "status", "credited", "spent", "refunded", "returned", "balance"),
    *("purchases", "open_orders", "entitled", "held", "incentive_due", "incentive_paid"),
    *("clawback_ordered", "clawback_repaid", "first_purchase_due", "spend_by"),
)
_EVENT: Final = (
    *("recorded_at", "occurred_at", "partition", "offset", "type", "event_id", "beneficiary_id", "publisher_id"),
    *("platform_id", "order_id", "amount", "outcome", "reason", "balance_change", "balance_after"),
)


def wallets_sql(filters: Filters) -> str:
    """The query for wallets as they are now."""
    where = filters.where(
        {
            "wave": "wave = %(wave)s",
            "decree": "decree = %(decree)s",
            "status": "status = %(status)s",
            "person": "beneficiary_id = %(person)s",
        },
        *(["held = 'yes'"] if filters.only == "held" else []),
    )
    return f"SELECT {', '.join(_WALLET)}\nFROM wallets\nWHERE {where}\nORDER BY beneficiary_id"


def events_sql(filters: Filters) -> str:
    """The query for events with their outcomes, those recorded last first."""
    return f"{_events(_EVENT, filters)}\nORDER BY recorded_at DESC, partition, offset DESC"


def _events(columns: Sequence[str], filters: Filters) -> str:
    where = filters.where(
        {
            "type": "type = %(type)s",
            "outcome": "outcome = %(outcome)s",
            "reason": "reason = %(reason)s",
            "publisher": "publisher_id = %(publisher)s",
            "platform": "platform_id = %(platform)s",
            "person": "beneficiary_id = %(person)s",
            "wave": "beneficiary_id IN (SELECT beneficiary_id FROM wallets WHERE wave = %(wave)s)",
            "decree": "beneficiary_id IN (SELECT beneficiary_id FROM wallets WHERE decree = %(decree)s)",
            "begin_us": "recorded_at_us >= %(begin_us)s",
            "end_us": "recorded_at_us <= %(end_us)s",
        }
    )
    source = sent_by("timeline", filters, where) if filters.person is None else of_person("timeline", filters)
    return f"SELECT {', '.join(columns)}\nFROM {source}\nWHERE {where}"


def clawbacks_sql(filters: Filters) -> str:
    """The query for clawbacks, the largest outstanding amounts first."""
    age = age_of("toInt64(toUInt32(ordered_at)) * 1000000", filters.happened_us)
    where = filters.where(
        {"wave": "wave = %(wave)s", "decree": "decree = %(decree)s", "person": "beneficiary_id = %(person)s"},
        *(["outstanding != 0"] if filters.only == "open" else []),
        *([bound(f"{age} = %(age)s", {"age": filters.age})] if filters.age else []),
    )
    return f"""SELECT {", ".join(_CLAWBACK)}
FROM {of_person("clawbacks", filters)}
WHERE {where}
ORDER BY outstanding DESC, beneficiary_id, clawback_id"""  # noqa: S608


def incentives_sql(filters: Filters) -> str:
    """The query for who is owed incentives, was paid, failed to be paid, or waits; the most outstanding first."""
    only = {"open": ["outstanding != 0"], "held": ["held = 'yes'"]}.get(filters.only or "", [])
    where = filters.where({"wave": "wave = %(wave)s", "decree": "decree = %(decree)s"}, *only)
    return f"""SELECT {", ".join(_INCENTIVE)}
FROM incentives
WHERE {where}
ORDER BY outstanding DESC, beneficiary_id"""  # noqa: S608


_CLAWBACK: Final = (
    *("beneficiary_id", "clawback_id", "wave", "decree", "ordered_at", "ordered", "repaid", "outstanding"),
    *("repayments", "last_repaid_at"),
)
_INCENTIVE: Final = (
    *("beneficiary_id", "wave", "decree", "status", "entitled", "held", "due", "paid", "outstanding"),
    *("failures", "failed_amount"),
)
WALLETS: Final = Question(
    "wallets",
    "Wallets as they are now.",
    _WALLET,
    wallets_sql,
    ("wave", "decree", "status", "only", "person"),
    ("beneficiary_id",),
    personal=True,
)
EVENTS: Final = Question(
    "events",
    "Events with their outcomes, those recorded last first.",
    _EVENT,
    events_sql,
    ("type", "outcome", "reason", "publisher", "platform", "person", "wave", "decree", "from", "to"),
    ("-recorded_at", "partition", "-offset"),
    personal=True,
    by_keys=ByKeys(
        lambda filters: _events(("recorded_at", "partition", "offset"), filters), records_of_keys("timeline", _EVENT)
    ),
)
CLAWBACKS: Final = Question(
    "clawbacks",
    "Clawbacks, the largest outstanding amounts first.",
    _CLAWBACK,
    clawbacks_sql,
    ("wave", "decree", "person", "only", "age", "as_of"),
    ("-outstanding", "beneficiary_id", "clawback_id"),
    personal=True,
)
INCENTIVES: Final = Question(
    "incentives",
    "Who is owed incentives, was paid, failed to be paid, or waits; the most outstanding first.",
    _INCENTIVE,
    incentives_sql,
    ("wave", "decree", "only"),
    ("-outstanding", "beneficiary_id"),
    personal=True,
)
_TIMELINE: Final = (
    *("occurred_at", "recorded_at", "partition", "offset", "type", "event_id", "publisher_id", "platform_id"),
    *("order_id", "amount", "outcome", "reason", "balance_change", "balance_after"),
)


def _as_of(filters: Filters) -> AsOf:
    return AsOf(filters.person or "", filters.happened_us, filters.known_us, partition_of_person(filters))


def wallet_as_of(filters: Filters) -> str:
    """The query for one person's wallet, now or as of a moment on either clock, as `dompet wallet` asks it."""
    return wallet_sql(_as_of(filters))


def timeline_as_of(filters: Filters) -> str:
    """The query for one person's events with their outcomes, in the log's order."""
    return timeline_sql(_as_of(filters), ("event_id", "partition", "offset"))


def find_sql(text: str) -> str:
    """The query for people by pseudonym, order, certificate, payout or event id: `found_as` says which it is."""
    return bound(_FIND, {"text": text})


_FIND: Final = """SELECT DISTINCT beneficiary_id, found_as
FROM
(
    SELECT beneficiary_id, 'person' AS found_as FROM journal_rows
    WHERE beneficiary_id = %(text)s AND outcome != 'dead' LIMIT 1
    UNION ALL
    SELECT beneficiary_id, 'order' AS found_as FROM order_rows WHERE order_id = %(text)s LIMIT 50
    UNION ALL
    SELECT beneficiary_id, 'certificate' AS found_as FROM order_rows WHERE certificate_id = %(text)s LIMIT 50
    UNION ALL
    SELECT beneficiary_id, 'payout' AS found_as FROM journal_rows WHERE payout_id = %(text)s LIMIT 50
    UNION ALL
    SELECT beneficiary_id, 'event' AS found_as FROM journal_rows WHERE event_id = %(text)s LIMIT 50
)
ORDER BY beneficiary_id, found_as
LIMIT 50"""
WALLET: Final = Question(
    "wallet",
    "One person's wallet, now or as of a moment on either clock.",
    (*_WALLET, "payout_failures"),
    wallet_as_of,
    ("person", "as_of", "known_at"),
    ("beneficiary_id",),
    personal=True,
    needs=("person",),
)
TIMELINE: Final = Question(
    "timeline",
    "One person's events with their outcomes, in the log's order.",
    _TIMELINE,
    timeline_as_of,
    ("person", "as_of", "known_at"),
    ("partition", "offset"),
    personal=True,
    needs=("person",),
)
