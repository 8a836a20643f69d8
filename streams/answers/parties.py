"""Platforms and institutions: what they sold and are owed, and which of their sales the catalogue doubts."""

from typing import Final

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.narrow import sold_by
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import Rows

SUMS: Final = ("sales", "sold", "refunds", "refunded", "commission", "commission_returned", "net_to_institution")
JUDGED_SUMS: Final = "toInt64(count()) AS sales,\n    sum(sale_judgements.price) AS paid"
_SOLD: Final = {
    "platform": "platform_id = %(platform)s",
    "institution": "institution_id = %(institution)s",
    "begin_us": "day >= toDate(toUInt16(intDiv(%(begin_us)s + 25200000000, 86400000000)))",
    "end_us": "day <= toDate(toUInt16(intDiv(%(end_us)s + 25200000000, 86400000000)))",
}


def _summed(filters: Filters, key: str, order: str) -> str:
    sums = ",\n    ".join(f"sum(settlement.{name}) AS {name}" for name in SUMS)
    # A month is called day as well: the condition on the day is within, where there is no other.
    of = f"(\n    SELECT *\n    FROM settlement\n    WHERE {filters.where(_SOLD)}\n) AS settlement"  # noqa: S608
    return f"SELECT\n    {key},\n    {sums}\nFROM {of}\nGROUP BY {order}"


def platforms_sql(filters: Filters) -> str:
    """The query for what each platform sold, refunded, kept and passed on."""
    return f"{_summed(filters, 'platform_id', 'platform_id')}\nORDER BY sold DESC, platform_id"


def institutions_sql(filters: Filters) -> str:
    """The same for each institution."""
    return f"{_summed(filters, 'institution_id', 'institution_id')}\nORDER BY net_to_institution DESC, institution_id"


def settlement_sql(filters: Filters) -> str:
    """The same by day or month in Asia/Jakarta; a refund counts on its own day."""
    day = "toStartOfMonth(settlement.day) AS day" if filters.grain == "month" else "day"
    return f"{_summed(filters, day, 'day')}\nORDER BY day"


def judged_sql(filters: Filters) -> str:
    """The query for doubtful sales, by what the catalogue says of them; one sale may be judged twice."""
    where = filters.where({name: _SOLD[name] for name in ("platform", "institution")}, "length(judgements) != 0")
    return f"""SELECT
    arrayJoin(judgements) AS judgement,
    {JUDGED_SUMS}
FROM {sold_by("sale_judgements", filters)}
WHERE {where}
GROUP BY judgement
ORDER BY sales DESC, judgement"""  # noqa: S608


_PERIOD: Final = ("from", "to")


def _sold(**of_row: str) -> dict[str, Rows]:
    """Where the rows of a party's sums are; a refund counts on its own day, by which no order is listed."""
    refunded = Rows("orders", {"step": "refunded"}, of_row, unless=frozenset(_PERIOD))
    return {
        **dict.fromkeys(("sales", "sold", "commission"), Rows("orders", {}, of_row)),
        **dict.fromkeys(("refunds", "refunded", "commission_returned"), refunded),
    }


PLATFORMS: Final = Question(
    "platforms",
    "What each platform sold, refunded, kept and passed on.",
    ("platform_id", *SUMS),
    platforms_sql,
    ("institution", *_PERIOD),
    ("-sold", "platform_id"),
    _sold(platform="platform_id"),
)
INSTITUTIONS: Final = Question(
    "institutions",
    "What each institution sold through platforms, and is owed.",
    ("institution_id", *SUMS),
    institutions_sql,
    ("platform", *_PERIOD),
    ("-net_to_institution", "institution_id"),
    _sold(institution="institution_id"),
)
SETTLEMENT: Final = Question(
    "settlement",
    "Sold, refunded, commission and net, by day or month in Asia/Jakarta; a refund counts on its own day.",
    ("day", *SUMS),
    settlement_sql,
    ("grain", "platform", "institution", *_PERIOD),
    ("day",),
    dict.fromkeys(("sales", "sold", "commission"), Rows("orders", period="day")),
)
JUDGED: Final = Question(
    "judgements",
    "Doubtful sales, by what the catalogue says of them; one sale may be judged twice.",
    ("judgement", "sales", "paid"),
    judged_sql,
    ("platform", "institution"),
    ("-sales", "judgement"),
    dict.fromkeys(("sales", "paid"), Rows("orders", {}, {"judgement": "judgement"})),
)
