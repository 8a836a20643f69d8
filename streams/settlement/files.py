"""A statement as a file for somebody else: CSV or Parquet."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from dompet.streams.parsing.formulas import guarded_table
from dompet.streams.settlement.lines import SettlementError

FORMATS = (".csv", ".parquet")


def check_target(path: Path, what: str = "a settlement") -> None:
    """SettlementError where the name of a file does not say how it is to be written, or it cannot be one: a statement
    is issued before its file gets its name.
    """
    if path.suffix.lower() not in FORMATS:
        raise SettlementError(f"{path}: {what} is written as {' or '.join(FORMATS)}")
    if path.is_dir():
        raise SettlementError(f"{path} is a folder: {what} is written to a file")
    if not path.parent.is_dir():
        raise SettlementError(f"{path}: there is no folder {path.parent}")


@contextmanager
def written(path: Path, lines: pa.Table) -> Iterator[None]:
    """Write the lines; the file takes its name when the block has ended well, and there is none otherwise."""
    with writing(path, _with_days(lines).schema) as write:
        write(_with_days(lines))
        yield


@contextmanager
def writing(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    """Write tables of a schema one after another; the file takes its name when the block has ended well, and there is
    none otherwise. In CSV no text is a formula.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _writer(part, path.suffix.lower(), schema) as write:
            yield write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _writer(path: Path, suffix: str, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    if suffix == ".csv":
        from pyarrow import csv

        with csv.CSVWriter(path, schema) as writer:
            yield lambda table: writer.write_table(guarded_table(table))
    else:
        from pyarrow import parquet

        with parquet.ParquetWriter(path, schema) as writer:
            yield writer.write_table


def _with_days(lines: pa.Table) -> pa.Table:
    at = lines.column_names.index("day")
    return lines.set_column(at, "day", lines["day"].cast(pa.int32()).cast(pa.date32()))
