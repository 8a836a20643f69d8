"""Inputs of a caller who is known: which may be stored, what became of them, and the result of each, in order."""

import numpy as np

from dompet.schemas.varints import Longs
from dompet.streams.gateway.brought import EventColumns, Input, Inputs
from dompet.streams.gateway.deliveries import Outcomes
from dompet.streams.gateway.figures import Figures
from dompet.streams.gateway.log_writer import LogWriter
from dompet.streams.gateway.results import Result, Results
from dompet.streams.gateway.written import stored


class Judging:
    """Stores what a caller may say. Of one request nothing is stored once something of it could not be."""

    def __init__(self, writer: LogWriter, figures: Figures) -> None:
        self._writer = writer
        self._figures = figures

    async def take(self, inputs: Inputs, own: str, results: Results, *, dry_run: bool) -> None:
        """Store what `own` says, unless that is not asked for, and add the result of each input."""
        if isinstance(inputs, EventColumns):
            await self._take_columns(inputs, own, results, dry_run)
            return
        events = [] if dry_run or results.stopped else [one for one in inputs if one.publisher_id == own]
        outcomes = await self._writer.write(events, own) if events else Outcomes(0)
        count = 0
        for one in inputs:
            self._add(one, outcomes, count, own, results, dry_run)
            count += one.publisher_id == own

    async def _take_columns(self, inputs: EventColumns, own: str, results: Results, dry_run: bool) -> None:
        mine = inputs.said_by(own)
        rows = np.flatnonzero(mine)[: 0 if dry_run or results.stopped else None]
        outcomes = await self._writer.write_rows(inputs.encoded, rows, own) if len(rows) else Outcomes(0)
        is_written, places = np.zeros(len(inputs), dtype=np.bool_), np.zeros((2, len(inputs)), dtype=np.int64)
        is_written[rows], places[:, rows] = inputs.plain[rows] & (outcomes.errors == 0), outcomes.places
        numbers: Longs = np.cumsum(mine) - mine
        first = 0
        others = np.flatnonzero(~is_written)
        for row, number in zip([*others.tolist(), len(inputs)], [*numbers[others].tolist(), 0], strict=True):
            if row > first:
                results.stored_rows(stored(inputs.event_ids, places, first, row), row - first)
            if row < len(inputs):
                self._add(inputs.input(row), outcomes, number, own, results, dry_run)
            first = row + 1

    def _add(self, one: Input, outcomes: Outcomes, number: int, own: str, results: Results, dry_run: bool) -> None:
        """The result of an input, of whose caller's events it is the one of this number."""
        if one.fault:
            results.add(one.event_id, Result.INVALID, one.fault)
        elif one.publisher_id != own:
            said = f"publisher_id must be {own}: who calls may speak for no other"
            results.add(one.event_id, Result.FORBIDDEN, said)
            self._figures.refuse("publisher_id", own)
        elif dry_run:
            results.add(one.event_id, Result.VALID, None)
        elif number >= len(outcomes):
            results.add(one.event_id, Result.RETRY, results.stopped)
        elif error := outcomes.why(number):
            results.stopped = error
            results.add(one.event_id, Result.RETRY, error)
        else:
            results.stored(one.event_id or "", *outcomes.place(number))
