"""A party's lines: what was sold, refunded, kept and owed, for each institution, platform and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from dompet.schemas.errors import DompetError
from dompet.schemas.limits import id_fault
from dompet.streams.settlement.period import Period
from dompet.streams.warehouse.client import WarehouseClient

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
    AND ({{times}})
GROUP BY day, platform_id, institution_id
ORDER BY day, platform_id, institution_id
"""  # noqa: S608
_JOURNAL: Final = f"""
SELECT {_SUMS.format(refund="order_refunded = 1")}
FROM journal_rows FINAL
PREWHERE outcome = 'accepted' AND (type = 'CoursePurchased' OR type = 'PurchaseRefunded')
    AND {{party}} = %(party_id)s
    AND offset >= %(since)s[partition + 1] AND offset < %(upto)s[partition + 1]
    AND ({{times}})
"""  # noqa: S608
_KNOWN: Final = "SELECT toInt64(partition) AS at, max(next_offset) AS upto FROM checkpoints GROUP BY partition"


class SettlementError(DompetError):
    """A settlement cannot be made, or must not be issued."""


@dataclass(frozen=True)
class Party:
    """Whom a statement is for."""

    kind: Literal["platform", "institution"]
    id: str

    def check(self) -> None:
        """SettlementError where no event could name it."""
        if fault := id_fault(f"--{self.kind}", self.id, len(self.id.encode("utf-8", "surrogateescape"))):
            raise SettlementError(str(fault))

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


def known(client: WarehouseClient) -> list[int]:
    """Up to where the journal is whole now."""
    rows = client.read(_KNOWN).to_pylist()
    upto = [0] * (1 + max((row["at"] for row in rows), default=0))
    for row in rows:
        upto[row["at"]] = row["upto"]
    return upto


@dataclass(frozen=True)
class Span:
    """Periods, and what of them became known: from an offset of each partition on (0 where none is given) up to one."""

    periods: Sequence[Period]
    since: Upto
    upto: Upto

    @property
    def params(self) -> dict[str, list[int]]:
        """The offsets, as many of each."""
        return {"since": [*self.since, *[0] * (len(self.upto) - len(self.since))], "upto": list(self.upto)}

    def within(self, condition: str) -> str:
        """A condition for any of the periods; no row's where there is none."""
        return " OR ".join(condition.format(**one.numbers, **one.micros) for one in self.periods) or "0"


def lines_of(client: WarehouseClient, party: Party, kind: Literal["period", "adjustment"], span: Span) -> pa.Table:
    """The lines of the periods, as far as they are known."""
    days = "day >= toDate(toUInt16({first_day})) AND day <= toDate(toUInt16({last_day}))"
    sql = _LINES.format(party=f"{party.kind}_id", times=span.within(days))
    found = client.read(sql, {"kind": kind, "party_id": party.id, **span.params})
    # A result without rows may come without columns.
    return found.rename_columns(SCHEMA.names).cast(SCHEMA) if found.num_rows else SCHEMA.empty_table()


def journal_sums(client: WarehouseClient, party: Party, span: Span) -> dict[str, int]:
    """The same periods' sums by the journal itself."""
    micros = "occurred_at_us >= {first_us} AND occurred_at_us < {end_us}"
    column = "platform_id" if party.kind == "platform" else "order_institution_id"
    sql = _JOURNAL.format(party=column, times=span.within(micros))
    return dict(client.read(sql, {"party_id": party.id, **span.params}).to_pylist()[0])


def sums(lines: pa.Table) -> dict[str, int]:
    """All lines together."""
    return {name: pc.sum(lines[name]).as_py() or 0 for name in NUMBERS}
