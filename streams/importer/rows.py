"""The rows of an export, one after the other, from CSV or Parquet: each with its line, or why it cannot be read."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from dompet.streams.parsing.delimited import Dialect
from dompet.streams.parsing.opened import BadLine
from dompet.streams.parsing.table import TableFile

PARQUET: Final = frozenset({".parquet", ".pq"})
"""How the name of a Parquet file ends; every other file is CSV."""

_PROGRESS_ROWS: Final = 2_000
_BATCH_ROWS: Final = 8_192

Values = dict[str, str | None]
"""A row's texts by column; None where it is empty."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Writing:
    """How a file is written: how its values are set apart, and which texts mean that there is none."""

    dialect: Dialect
    empty: frozenset[str]


Row = tuple[int, Values | BadRow]
"""The line on which a row begins, from 1; of a Parquet file, which has no lines, the number of the row."""


def columns_of(path: Path, writing: Writing) -> list[str]:
    """The names of a file's columns, in their order. Raises BadLine where there are none, or one is twice."""
    if path.suffix in PARQUET:
        columns = [str(name) for name in _parquet(path).schema_arrow.names]
    else:
        columns = TableFile(path, writing.dialect).names
    if not columns:
        raise BadLine(path, 1, "the file has no header with the names of its columns")
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise BadLine(path, 1, f"the column {twice!r} stands there twice")
    return columns


def rows_of(
    path: Path, writing: Writing, wanted: Collection[str], progress: Callable[[int], None] = lambda bytes_read: None
) -> Iterator[Row]:
    """Every row of a file with its wanted columns, which must be there; `progress` is told the bytes read so far.

    Only some rows are in memory at a time.
    """
    read = _parquet_rows if path.suffix in PARQUET else _text_rows
    yield from read(path, writing, wanted, progress)
    progress(path.stat().st_size)


def _text_rows(path: Path, writing: Writing, wanted: Collection[str], progress: Callable[[int], None]) -> Iterator[Row]:
    file = TableFile(path, writing.dialect)
    places = [(name, file.names.index(name)) for name in wanted]
    for number, row in enumerate(file.rows(), start=1):
        yield row.line, BadRow(row.wrong) if row.wrong else _row(row.values, places, writing.empty)
        if number % _PROGRESS_ROWS == 0:
            progress(file.bytes_read)


def _row(values: Sequence[str], places: Sequence[tuple[str, int]], empty: frozenset[str]) -> Values:
    return {name: None if (value := values[place]) in empty else value for name, place in places}


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise BadLine(path, 1, f"the file is not Parquet: {str(error).splitlines()[0]}") from None


def _parquet_rows(
    path: Path, writing: Writing, wanted: Collection[str], progress: Callable[[int], None]
) -> Iterator[Row]:
    names = list(wanted)
    size = path.stat().st_size
    with _parquet(path) as file:
        total = max(file.metadata.num_rows, 1)
        number = 0
        for batch in file.iter_batches(_BATCH_ROWS, columns=names):
            columns = [batch.column(name).to_pylist() for name in names]
            for index in range(batch.num_rows):
                number += 1
                yield (
                    number,
                    _texts({name: column[index] for name, column in zip(names, columns, strict=True)}, writing.empty),
                )
            progress(size * number // total)


def _texts(values: dict[str, Any], empty: frozenset[str]) -> Values | BadRow:
    texts: Values = {}
    for name, value in values.items():
        match value:
            case None:
                text = ""
            case bool():
                text = str(value).lower()
            case Decimal() if value == value.to_integral_value():
                text = str(int(value))
            case str() | int() | float() | Decimal():
                text = str(value)
            case datetime() | date():
                text = value.isoformat()
            case _:
                return BadRow(f"{name} is of a type that has no text: {type(value).__name__}")
        texts[name] = None if value is None or text in empty else text
    return texts
