"""A party's lines: what was sold, refunded, kept and owed, for each institution, platform and day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from dompet.schemas.errors import DompetError
from dompet.streams.office import Office
from dompet.streams.settlement.period import Period

NUMBERS: Final = (
    "sales",
    "sold",
    "refunds",
    "refunded",
    "commission",
    "commission_returned",
    "net_to_institution",
)
"""What a line adds up, as the view `settlement` names it: counts, and whole rupiah."""
SCHEMA: Final = pa.schema(
    [
        ("kind", pa.string()),
        ("day", pa.int64()),
        ("platform_id", pa.string()),
        ("institution_id", pa.string()),
        *((name, pa.int64()) for name in NUMBERS),
    ]
)

Upto = Sequence[int]
"""The next offset of each partition of the log, from partition 0: what is below it was known."""

_SUMS: Final = """
    toInt64(countIf(NOT {refund})) AS sales,
    sumIf(order_price, NOT {refund}) AS sold,
    toInt64(countIf({refund})) AS refunds,
    sumIf(order_price, {refund}) AS refunded,
    sumIf(order_commission, NOT {refund}) AS commission,
    sumIf(order_commission, {refund}) AS commission_returned,
    sold - commission - (refunded - commission_returned) AS net_to_institution
"""
_LINES: Final = f"""
SELECT
    %(kind)s AS kind,
    toInt64(toUInt16(day)) AS day_number,
    platform_id,
    institution_id,
    {_SUMS.format(refund="steps = 32")}
FROM step_rows FINAL
PREWHERE {{party}} = %(party_id)s AND bitAnd(steps, 33) != 0
    AND offset >= %(since)s[partition + 1] AND offset < %(upto)s[partition + 1]
    AND ({{days}})
GROUP BY day, platform_id, institution_id
ORDER BY day, platform_id, institution_id
"""  # noqa: S608
_JOURNAL: Final = f"""
SELECT {_SUMS.format(refund="order_refunded = 1")}
FROM journal_rows FINAL
PREWHERE outcome = 'accepted' AND (type = 'CoursePurchased' OR type = 'PurchaseRefunded')
    AND {{party}} = %(party_id)s AND offset < %(upto)s[partition + 1]
    AND occurred_at_us >= %(first_us)s AND occurred_at_us < %(end_us)s
"""  # noqa: S608
_KNOWN: Final = "SELECT toInt64(partition) AS at, max(next_offset) AS upto FROM checkpoints GROUP BY partition"


class SettlementError(DompetError):
    """A settlement cannot be made, or must not be issued."""


@dataclass(frozen=True)
class Party:
    """Whom a statement is for."""

    kind: Literal["platform", "institution"]
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


def known(office: Office) -> list[int]:
    """Up to where the journal is whole now."""
    rows = office.read(_KNOWN).to_pylist()
    upto = [0] * (1 + max((row["at"] for row in rows), default=0))
    for row in rows:
        upto[row["at"]] = row["upto"]
    return upto


def period_lines(office: Office, party: Party, period: Period, upto: Upto) -> pa.Table:
    """The period's lines as far as it was known."""
    return _lines(office, party, "period", [period], [0] * len(upto), upto)


def adjustment_lines(office: Office, party: Party, closed: Iterable[Period], since: Upto, upto: Upto) -> pa.Table:
    """What became known of closed periods since then."""
    return _lines(office, party, "adjustment", closed, [*since, *[0] * (len(upto) - len(since))], upto)


def journal_sums(office: Office, party: Party, period: Period, upto: Upto) -> dict[str, int]:
    """The period's sums by the journal itself."""
    sql = _JOURNAL.format(party="platform_id" if party.kind == "platform" else "order_institution_id")
    return dict(office.read(sql, {"party_id": party.id, "upto": list(upto), **period.micros}).to_pylist()[0])


def sums(lines: pa.Table) -> dict[str, int]:
    """All lines together."""
    return {name: pc.sum(lines[name]).as_py() or 0 for name in NUMBERS}


def _lines(office: Office, party: Party, kind: str, periods: Iterable[Period], since: Upto, upto: Upto) -> pa.Table:
    days = " OR ".join(
        "day >= toDate(toUInt16({first_day})) AND day <= toDate(toUInt16({last_day}))".format(**one.numbers)
        for one in periods
    )
    params: dict[str, Any] = {"kind": kind, "party_id": party.id, "since": list(since), "upto": list(upto)}
    found = office.read(_LINES.format(party=f"{party.kind}_id", days=days or "0"), params)
    # A result without rows may come without columns.
    return found.rename_columns(SCHEMA.names).cast(SCHEMA) if found.num_rows else SCHEMA.empty_table()
