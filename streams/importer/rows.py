"""The rows of an export, one after the other, from CSV or Parquet: each with its line, or why it cannot be read."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from dompet.streams.importer.mapping import Input
from dompet.streams.parsing.delimited import Row as BareRow
from dompet.streams.parsing.header import header_of
from dompet.streams.parsing.table import TableFile
from dompet.streams.parsing.unpacked import BadLine
from dompet.streams.terminal.figures import plural

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


Row = tuple[int, Values | BadRow]
"""The line on which a row begins, from 1; of a Parquet file, which has no lines, the number of the row."""


def need_columns(path: Path, given: Input, wanted: Collection[str], why: str) -> None:
    """Raises BadLine where a file has not each of the wanted columns once, `why` they are wanted; or cannot be read."""
    if path.suffix in PARQUET:
        names = [str(name) for name in _parquet(path).schema_arrow.names]
        header_of(path, iter([BareRow(1, 1, names)]), sorted(wanted), str, why)
    else:
        TableFile(path, given, sorted(wanted), why)


def rows_of(
    path: Path, given: Input, wanted: Collection[str], progress: Callable[[int], None], report: Callable[[str], None]
) -> Iterator[Row]:
    """Every row of a file with its wanted columns, which must be there; `progress` receives the bytes read so far, and
    `report` at the end which rows were left out.

    Only some rows are in memory at a time.
    """
    if path.suffix in PARQUET:
        yield from _parquet_rows(path, given, wanted, progress)
    else:
        yield from _table_rows(path, given, wanted, progress, report)
    progress(path.stat().st_size)


def _table_rows(
    path: Path, given: Input, wanted: Collection[str], progress: Callable[[int], None], report: Callable[[str], None]
) -> Iterator[Row]:
    file, empty = TableFile(path, given, sorted(wanted)), frozenset(given.empty)
    places = [(name, file.names.index(name)) for name in wanted]
    for number, row in enumerate(file.rows(), start=1):
        yield row.line, BadRow(row.wrong) if row.wrong else _row(row.values, places, empty)
        if number % _PROGRESS_ROWS == 0:
            progress(file.bytes_read)
    if file.left_out.rows:
        first = f"the first on line {file.left_out.first}"
        report(f"{path}: {plural(file.left_out.rows, 'row')} left out by leave_out, {first}")
    if file.unread_from:
        report(f"{path}: the table ends at line {file.unread_from}, by ends_at: what follows was not read")


def _row(values: Sequence[str], places: Sequence[tuple[str, int]], empty: frozenset[str]) -> Values:
    return {name: None if (value := values[place]) in empty else value for name, place in places}


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise BadLine(path, 1, f"the file is not Parquet: {str(error).splitlines()[0]}") from None


def _parquet_rows(path: Path, given: Input, wanted: Collection[str], progress: Callable[[int], None]) -> Iterator[Row]:
    names, empty = list(wanted), frozenset(given.empty)
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
                    _texts({name: column[index] for name, column in zip(names, columns, strict=True)}, empty),
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
