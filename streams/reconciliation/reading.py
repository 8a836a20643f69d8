"""Lines of a statement as columns, block by block. What is wrong with a line is refused as `file:line`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dompet.streams.parsing.delimited import Dialect
from dompet.streams.parsing.numbers import Notation
from dompet.streams.parsing.opened import BadLine
from dompet.streams.parsing.table import TableFile
from dompet.streams.reconciliation.mapping import Layout
from dompet.streams.settlement.period import FIRST, LAST, Period

ID_BYTES_MAX: Final = 64
AMOUNT_MAX: Final = 10**12
"""As for the events themselves."""
_DAY_S: Final = 86_400


class StatementFile:
    """A file under its layout. Lines that it dates outside the period are left out and counted."""

    def __init__(self, path: Path, layout: Layout, period: Period) -> None:
        self.path = path
        self.layout = layout
        self._period = period
        self.outside_lines = 0
        self.outside_amount = 0

    def blocks(self) -> Iterator[pa.Table]:
        """Its lines: order_id, beneficiary_id (empty where the file has none), amount, refund, line.

        Amounts are whole rupiah, below zero for a refund. Raises BadLine, OSError where the file cannot be read.
        """
        file = TableFile(self.path, Dialect(self.layout.separator))
        file.need(self.layout.columns)
        for block in file.columns(self.layout.columns):
            yield self._lines(dict(zip(self.layout.columns, block.texts, strict=True)), block.lines)

    def _lines(self, raw: dict[str, pa.Array], lines: NDArray[np.int64]) -> pa.Table:
        layout, texts = self.layout, {name: pc.utf8_trim_whitespace(text) for name, text in raw.items()}
        blank = np.logical_and.reduce([_numpy(pc.equal(text, "")) for text in texts.values()])
        faults: list[tuple[int, str]] = []
        order_id, amount = texts[layout.order_id], self._amounts(texts, lines, blank, faults)
        size = _numpy(pc.binary_length(order_id))
        _note(faults, lines, (size == 0) & ~blank, "no order id")
        _note(faults, lines, size > ID_BYTES_MAX, f"an order id of more than {ID_BYTES_MAX} bytes")
        inside = ~blank & self._within(texts, lines, blank, faults)
        if faults:
            raise BadLine(self.path, *min(faults))
        refund = amount < 0
        if layout.refund_column and layout.refund_value:
            refund = _numpy(pc.equal(texts[layout.refund_column], layout.refund_value))
            amount = np.where(refund, -np.abs(amount), amount)
        outside = ~blank & ~inside
        self.outside_lines += int(outside.sum())
        self.outside_amount += int(amount[outside].sum())
        beneficiary = texts[layout.beneficiary_id] if layout.beneficiary_id else pa.array([""] * len(lines))
        made = {"order_id": order_id, "beneficiary_id": beneficiary, "amount": amount, "refund": refund, "line": lines}
        return pa.table(made).filter(pa.array(inside))

    def _amounts(self, texts: dict[str, Any], lines: Any, blank: Any, faults: list[tuple[int, str]]) -> Any:
        """Whole rupiah; what is none is noted, and 0."""
        if self.layout.amount is None:
            return np.zeros(len(lines), dtype=np.int64)
        text = texts[self.layout.amount]
        good, amount = Notation(self.layout.decimal, self.layout.thousands).column(text)
        for row in np.flatnonzero(~good & ~blank)[:1]:
            faults.append((int(lines[row]), f"amount {text[int(row)].as_py()!r} is no whole number of rupiah"))
        _note(
            faults, lines, (amount > AMOUNT_MAX) | (amount < -AMOUNT_MAX), f"an amount of more than {AMOUNT_MAX} rupiah"
        )
        return amount

    def _within(self, texts: dict[str, Any], lines: Any, blank: Any, faults: list[tuple[int, str]]) -> Any:
        """Which lines are dated within the period; all where the layout names no date."""
        if self.layout.date is None:
            return np.ones(len(lines), dtype=np.bool_)
        each = texts[self.layout.date].dictionary_encode()
        which = each.indices.to_numpy()
        good, days = _days(each.dictionary, self.layout.date_format)
        for row in np.flatnonzero(~good[which] & ~blank)[:1]:
            said = each.dictionary[int(which[row])].as_py()
            faults.append((int(lines[row]), f"date {said!r} is no day written as {self.layout.date_format}"))
        day = days[which]
        first, last = self._period.numbers.values()
        return (day >= first) & (day <= last)


def _note(faults: list[tuple[int, str]], lines: NDArray[np.int64], wrong: NDArray[np.bool_], what: str) -> None:
    faults.extend((int(lines[row]), what) for row in np.flatnonzero(wrong)[:1])


def _days(texts: pa.Array, form: str) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Of each text whether it is a day that events can be of, and the days since 1970-01-01. What is read is written
    once more and compared, but for leading zeros: by itself Arrow takes 31 April for 1 May.
    """
    moment = pc.strptime(texts, format=form, unit="s", error_is_null=True)
    days = _numpy(pc.fill_null(moment.cast(pa.int64()), 0)) // _DAY_S
    again = pc.fill_null(pc.strftime(moment, format=form), "")
    plain = (pc.replace_substring_regex(pc.utf8_lower(one), r"\b0+(\d)", r"\1") for one in (texts, again))
    same = _numpy(pc.equal(*plain))
    first, last = Period(FIRST, LAST).numbers.values()
    return same & (days >= first) & (days <= last), days


def _numpy(column: Any) -> NDArray[Any]:
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return values
