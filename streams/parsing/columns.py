"""Rows of delimited text as columns, block by block: those of regular rows all at once, every other one by way of
Python's `csv`. Both give the same columns for any bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.streams.parsing.delimited import Dialect, Row, Rows, checked
from dompet.streams.parsing.opened import BadLine, Block
from dompet.streams.parsing.regular import cut

_ROWS_EACH: Final = 50_000


@dataclass(frozen=True)
class Columns:
    """Some rows: the line on which each begins, and the texts of the columns that were asked for."""

    lines: NDArray[np.int64]
    texts: list[pa.Array]


def columns_of(
    path: Path, blocks: Iterator[Block], dialect: Dialect, width: int, wanted: Sequence[int]
) -> Iterator[Columns]:
    """The wanted columns, by their number from 0, of all rows, each of which has `width` values.

    Raises BadLine, which names the first row that has not, or that cannot be read.
    """
    rows = Rows(path, blocks, dialect)
    for block in blocks:
        if regular := cut(block, dialect, width, wanted):
            yield Columns(*regular)
        else:
            yield from _by_rows(path, checked(rows.of(block), width), wanted)


def _by_rows(path: Path, rows: Iterator[Row], wanted: Sequence[int]) -> Iterator[Columns]:
    """Rows as columns; those before one that is wrong are given before BadLine is raised."""
    some: list[Row] = []
    try:
        for row in rows:
            if row.wrong:
                raise BadLine(path, row.line, row.wrong)
            some.append(row)
            if len(some) == _ROWS_EACH:
                yield _turned(some, wanted)
                some = []
    except BadLine:
        yield _turned(some, wanted)
        raise
    yield _turned(some, wanted)


def _turned(rows: list[Row], wanted: Sequence[int]) -> Columns:
    lines = np.fromiter((row.line for row in rows), np.int64, len(rows))
    return Columns(lines, [pa.array([row.values[at] for row in rows], pa.string()) for at in wanted])
