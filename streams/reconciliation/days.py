"""Which lines of a file are dated within the period."""

from datetime import date, datetime
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.streams.parsing.blanks import are_blank
from dompet.streams.parsing.dates import ISO_DAY, DateFormat
from dompet.streams.parsing.texts import shown
from dompet.streams.reconciliation.faults import Faults
from dompet.streams.reconciliation.mapping import Layout
from dompet.streams.settlement.period import FIRST, LAST, Period

_EPOCH: Final = date(1970, 1, 1)
_NONE: Final = -1


class Days:
    """The days of one file, block by block: a line without one may have that of the line above it."""

    def __init__(self, layout: Layout, period: Period) -> None:
        self._layout = layout
        self._period = period
        self._format = DateFormat(layout.date_format)
        self._last = _NONE

    def within(self, texts: dict[str, pa.Array], faults: Faults) -> NDArray[np.bool_]:
        """Which lines count; all where the layout names no column with their day. What is no day is noted."""
        column, undated = self._layout.date, self._layout.undated
        if column is None:
            return np.ones(len(faults.lines), dtype=np.bool_)
        each = texts[column].dictionary_encode()
        known = np.array([self._number(text) for text in each.dictionary.to_pylist()], dtype=np.int64)
        day = known[each.indices.to_numpy()] if len(known) else np.zeros(0, dtype=np.int64)
        absent = are_blank(texts[column]) if undated else np.zeros(len(day), dtype=np.bool_)
        if undated == "as_above":
            day, absent = self._filled(day, absent), np.zeros_like(absent)

        def wrong(row: int) -> str:
            text = shown(texts[column][row].as_py())
            return f"date {text} in column {shown(column)} is no day written as {self._layout.date_format}"

        faults.note((day == _NONE) & ~absent, wrong)
        first, last = self._period.numbers.values()
        return np.where(absent, undated == "inside", (day >= first) & (day <= last))

    def _filled(self, day: NDArray[np.int64], absent: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Each line without a day with that of the line above it."""
        every = np.concatenate([[self._last], day])
        dated = np.concatenate([[True], ~absent])
        above = np.maximum.accumulate(np.where(dated, np.arange(len(every)), 0))
        filled: NDArray[np.int64] = every[above]
        self._last = int(filled[-1])
        return filled[1:]

    def _number(self, text: str) -> int:
        """Days since 1970-01-01; -1 where no event can be of that day. Where no format is given, a time may follow."""
        moment = self._format.read(text)
        if moment is None and self._layout.date_format == ISO_DAY:
            moment = _iso(text)
        if moment is None or not FIRST <= moment.date() <= LAST:
            return _NONE
        return (moment.date() - _EPOCH).days


def _iso(text: str) -> datetime | None:
    """A day with a time of day, as 2020-04-11 08:00:00, of no other zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is None and text.strip()[4:5] == "-" else None
