"""The rows of an export, one after the other, from CSV or Parquet: each with its line, or why it cannot be read."""

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from dompet.schemas.errors import DompetError

PARQUET: Final = frozenset({".parquet", ".pq"})
"""How the name of a Parquet file ends; every other file is CSV."""

_PROGRESS_ROWS: Final = 2_000
_BATCH_ROWS: Final = 8_192

Values = dict[str, str | None]
"""A row's texts by column; None where it is empty."""


class UnreadableExport(DompetError):
    """A file of an export cannot be read at all; the sentence names it and the line."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    delimiter: str
    empty: frozenset[str]


Row = tuple[int, Values | BadRow]
"""The line on which a row begins, from 1; of a Parquet file, which has no lines, the number of the row."""


def columns_of(path: Path, dialect: Dialect) -> list[str]:
    """The names of a file's columns, in their order. Raises UnreadableExport where there are none, or one is twice."""
    if path.suffix in PARQUET:
        columns = [str(name) for name in _parquet(path).schema_arrow.names]
    else:
        with path.open("rb") as file:
            columns = _header(path, _lines(file), dialect)
    if not columns:
        raise UnreadableExport(f"{path}:1: the file has no header with the names of its columns")
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise UnreadableExport(f"{path}:1: the column {twice!r} stands there twice")
    return columns


def rows_of(
    path: Path, dialect: Dialect, wanted: Collection[str], progress: Callable[[int], None] = lambda bytes_read: None
) -> Iterator[Row]:
    """Every row of a file with its wanted columns, which must be there; `progress` is told the bytes read so far.

    Only some rows are in memory at a time.
    """
    read = _parquet_rows if path.suffix in PARQUET else _csv_rows
    yield from read(path, dialect, wanted, progress)
    progress(path.stat().st_size)


def _lines(file: BinaryIO) -> Iterator[str]:
    first = True
    for line in file:
        # What is not UTF-8 is found where its row is read, so that only this row is bad.
        yield line.decode("utf-8-sig" if first else "utf-8", "surrogateescape")
        first = False


def _header(path: Path, lines: Iterator[str], dialect: Dialect) -> list[str]:
    try:
        header = next(csv.reader(lines, delimiter=dialect.delimiter, strict=True), [])
    except csv.Error as error:
        raise UnreadableExport(f"{path}:1: the header cannot be read: {error}") from None
    if not _is_text(header):
        raise UnreadableExport(f"{path}:1: the header is not UTF-8 text")
    return header


def _csv_rows(path: Path, dialect: Dialect, wanted: Collection[str], progress: Callable[[int], None]) -> Iterator[Row]:
    columns = columns_of(path, dialect)
    places = [(name, columns.index(name)) for name in wanted]
    with path.open("rb") as file:
        reader = csv.reader(_lines(file), delimiter=dialect.delimiter, strict=True)
        next(reader)
        number = 0
        while True:
            line = reader.line_num + 1
            try:
                values = next(reader, None)
            except csv.Error as error:
                yield line, BadRow(f"the row is not CSV: {error}")
                continue
            if values is None:
                return
            if values:
                yield line, _row(values, len(columns), places, dialect.empty)
            number += 1
            if number % _PROGRESS_ROWS == 0:
                progress(file.tell())


def _row(
    values: Sequence[str], width: int, places: Sequence[tuple[str, int]], empty: frozenset[str]
) -> Values | BadRow:
    if len(values) != width:
        return BadRow(f"the row has {len(values)} values; the header has {width}")
    if not _is_text(values):
        return BadRow("the row is not UTF-8 text")
    return {name: None if (value := values[place]) in empty else value for name, place in places}


def _is_text(values: Sequence[str]) -> bool:
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return False
    return True


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise UnreadableExport(f"{path}:1: the file is not Parquet: {str(error).splitlines()[0]}") from None


def _parquet_rows(
    path: Path, dialect: Dialect, wanted: Collection[str], progress: Callable[[int], None]
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
                    _texts({name: column[index] for name, column in zip(names, columns, strict=True)}, dialect),
                )
            progress(size * number // total)


def _texts(values: dict[str, Any], dialect: Dialect) -> Values | BadRow:
    texts: Values = {}
    for name, value in values.items():
        match value:
            case None:
                text = ""
            case bool():
                text = str(value).lower()
            case str() | int() | float() | Decimal():
                text = str(value)
            case datetime() | date():
                text = value.isoformat()
            case _:
                return BadRow(f"{name} is of a type that has no text: {type(value).__name__}")
        texts[name] = None if value is None or text in dialect.empty else text
    return texts
