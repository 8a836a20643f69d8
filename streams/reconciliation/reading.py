"""Lines of a statement as columns, block by block. What is wrong with a line is refused as `file:line`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dompet.schemas.limits import ID_BYTES_MAX
from dompet.streams.parsing.blanks import are_blank
from dompet.streams.parsing.delimited import Row
from dompet.streams.parsing.table import Columns, TableFile
from dompet.streams.parsing.texts import shown
from dompet.streams.reconciliation.days import Days
from dompet.streams.reconciliation.faults import Faults
from dompet.streams.reconciliation.ids import SeenIds
from dompet.streams.reconciliation.mapping import Layout
from dompet.streams.reconciliation.signs import Signs
from dompet.streams.settlement.period import Period


@dataclass
class Aside:
    """Lines that do not count, and their amounts together in rupiah; of those that cannot be read, how many."""

    lines: int = 0
    amount: int = 0
    unread: int = 0


class StatementFile:
    """A file under its layout. Lines dated outside the period are counted, and those that its conditions leave out."""

    def __init__(self, path: Path, layout: Layout, period: Period) -> None:
        self.path = path
        self.layout = layout
        self._period = period
        self.outside = Aside()
        self.left_out = Aside()
        self.ids = SeenIds(f"in {path.name}")
        self.unread_from = 0
        """The line with which its table ended, as `ends_at` says; 0 where it ended with the file."""

    def blocks(self) -> Iterator[pa.Table]:
        """Its lines: order_id, beneficiary_id (empty where the file has none), amount, refund, line.

        Amounts are whole rupiah, below zero for a refund. Raises BadLine, OSError where the file cannot be read.
        """
        names = self.layout.columns
        file = TableFile(self.path, self.layout, names)
        file.left_out.on_row = lambda row: self._leave_out(file.names, row)
        signs, days = Signs(self.layout), Days(self.layout, self._period)
        for block in file.columns(names):
            yield self._lines(block, dict(zip(names, block.texts, strict=True)), signs, days)
        self.unread_from = file.unread_from

    def _lines(self, block: Columns, texts: dict[str, pa.Array], signs: Signs, days: Days) -> pa.Table:
        faults = Faults(block.lines)
        order_id = self._ids(texts, self.layout.order_id, faults)
        person = self.layout.beneficiary_id
        beneficiary = texts[person] if person else pa.array([""] * len(block.lines), pa.string())
        self.ids.look(beneficiary, lambda row: f"on line {block.lines[row]}")
        amount, refund = signs.read(texts, faults)
        inside = days.within(texts, faults)
        faults.refuse(self.path)
        self.outside.lines += int((~inside).sum())
        self.outside.amount += int(amount[~inside].sum())
        made = {"order_id": order_id, "beneficiary_id": beneficiary, "amount": amount, "refund": refund}
        return pa.table({**made, "line": block.lines}).filter(pa.array(inside))

    def _ids(self, texts: dict[str, pa.Array], column: str, faults: Faults) -> pa.Array:
        ids = texts[column]
        faults.note(are_blank(ids), lambda row: f"no order id in column {shown(column)}")
        size = pc.binary_length(ids).to_numpy(zero_copy_only=False)
        faults.note(
            size > ID_BYTES_MAX,
            lambda row: (
                f"order id {shown(ids[row].as_py())} in column {shown(column)} has more than {ID_BYTES_MAX} bytes"
            ),
        )
        self.ids.look(ids, lambda row: f"on line {faults.lines[row]}")
        return ids

    def _leave_out(self, names: Sequence[str], row: Row) -> None:
        """Count a row that the conditions leave out, and its amount if it has one."""
        of_row = dict(zip(names, row.values, strict=False))
        signed = ((self.layout.amount, 1), (self.layout.refund_amount, -1))
        amounts = [(self.layout.notation.read(of_row.get(name or "", "")), sign) for name, sign in signed]
        found = next((value * sign for value, sign in amounts if value is not None), None)
        self.left_out.lines += 1
        self.left_out.amount += found or 0
        self.left_out.unread += found is None
