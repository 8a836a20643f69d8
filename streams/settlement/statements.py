"""Statements: lines that are closed once they are issued. What is reported later of a closed period appears, marked as
an adjustment, in the next statement of the same party; so the statements of a party add up to the journal.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from dompet.streams.settlement.lines import (
    Party,
    SettlementError,
    Span,
    Upto,
    journal_sums,
    known,
    lines_of,
    sums,
)
from dompet.streams.settlement.period import Period
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.warehouse.known import need_known, rows_of

_ISSUED: Final = """
SELECT statement_id, number, toInt64(toUInt16(from_day)) AS first_day, toInt64(toUInt16(to_day)) AS last_day, upto
FROM statements
WHERE party = %(party)s AND party_id = %(party_id)s
ORDER BY number
"""


@dataclass(frozen=True)
class Issued:
    """A statement that was issued."""

    statement_id: str
    number: int
    period: Period
    upto: Upto


@dataclass(frozen=True)
class Settlement:
    """A party's lines of a period as they are known now, and what is known since of its closed periods."""

    party: Party
    period: Period
    upto: Upto
    lines: pa.Table
    adjustments: pa.Table
    issued: Sequence[Issued]

    @property
    def statement(self) -> pa.Table:
        """The lines of the statement that could be issued."""
        return pa.concat_tables([self.lines, self.adjustments])


def settle(client: WarehouseClient, party: Party, period: Period) -> Settlement:
    """The settlement; SettlementError where its sums are not the journal's."""
    upto, earlier = known(client), issued(client, party)
    since = earlier[-1].upto if earlier else []
    of_period, of_closed = Span([period], [], upto), Span([one.period for one in earlier], since, upto)
    lines, adjustments = lines_of(client, party, "period", of_period), lines_of(client, party, "adjustment", of_closed)
    _check(client, party, lines, of_period, f"from {period}")
    _check(client, party, adjustments, of_closed, "reported later of closed periods")
    return Settlement(party, period, upto, lines, adjustments, earlier)


def _check(client: WarehouseClient, party: Party, lines: pa.Table, span: Span, which: str) -> None:
    journal = journal_sums(client, party, span)
    for name, amount in sums(lines).items():
        if amount != journal[name]:
            raise SettlementError(
                f"{name} of {party} {which} is {amount} in step_rows and {journal[name]} in the journal: "
                "make a new warehouse from the log"
            )


def issued(client: WarehouseClient, party: Party) -> list[Issued]:
    """The party's statements, the first one first."""
    rows = client.read(_ISSUED, {"party": party.kind, "party_id": party.id}).to_pylist()
    return [
        Issued(
            row["statement_id"],
            row["number"],
            Period.numbered(row["first_day"], row["last_day"]),
            [int(offset) for offset in row["upto"].split(",")],
        )
        for row in rows
    ]


def check_issuable(settlement: Settlement, now_us: int) -> None:
    """SettlementError where the period is not over, or some of it is closed already."""
    party, period = settlement.party, settlement.period
    if not period.over(now_us):
        raise SettlementError(f"{period.last} is not over in Asia/Jakarta: a period is closed after its last day")
    for one in settlement.issued:
        if one.period.meets(period):
            raise SettlementError(
                f"{party}: statement {one.number} has closed {one.period}; what came later is in the next statement"
            )


def issue(client: WarehouseClient, settlement: Settlement, now_us: int) -> Issued:
    """Issue the statement and so close its period; SettlementError as `check_issuable`, or where somebody else issued
    one of the same party at the same moment. Unknown where nothing names the party: it would be closed for ever.
    """
    check_issuable(settlement, now_us)
    need_known(rows_of(client), settlement.party.kind, settlement.party.id)
    party, lines = settlement.party, settlement.statement
    number = settlement.issued[-1].number + 1 if settlement.issued else 1
    one = Issued(uuid.uuid4().hex, number, settlement.period, settlement.upto)
    client.insert("statement_line_rows", lines.add_column(0, "statement_id", pa.array([one.statement_id] * len(lines))))
    if issued(client, party) != list(settlement.issued):
        raise SettlementError(f"{party}: another statement was issued meanwhile: try again")
    # Only now do the lines belong to a statement: a run that was cut short leaves none.
    first, last = one.period.numbers.values()
    header: dict[str, Any] = {
        "statement_id": one.statement_id,
        "party": party.kind,
        "party_id": party.id,
        "number": number,
        "from_day": first,
        "to_day": last,
        "issued_at_us": now_us,
        "upto": ",".join(map(str, one.upto)),
        "lines": len(lines),
        **sums(lines),
    }
    client.insert("statement_rows", pa.Table.from_pylist([header]))
    if issued(client, party)[number - 1].statement_id != one.statement_id:
        raise SettlementError(f"{party}: another statement was issued at the same moment: try again")
    return one
