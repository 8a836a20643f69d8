"""A statement as a file for somebody else: CSV or Parquet."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from dompet.streams.settlement.lines import SettlementError

FORMATS = (".csv", ".parquet")


def check_target(path: Path) -> None:
    """SettlementError where the name of a file does not say how it is to be written, or it cannot be one: a statement
    is issued before its file gets its name.
    """
    if path.suffix.lower() not in FORMATS:
        raise SettlementError(f"{path}: a settlement is written as {' or '.join(FORMATS)}")
    if path.is_dir():
        raise SettlementError(f"{path} is a folder: a settlement is written to a file")
    if not path.parent.is_dir():
        raise SettlementError(f"{path}: there is no folder {path.parent}")


@contextmanager
def written(path: Path, lines: pa.Table) -> Iterator[None]:
    """Write the lines; the file takes its name when the block has ended well, and there is none otherwise."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(part, path.suffix.lower(), _with_days(lines))
        yield
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, suffix: str, lines: pa.Table) -> None:
    if suffix == ".csv":
        from pyarrow import csv

        csv.write_csv(lines, path)
    else:
        from pyarrow import parquet

        parquet.write_table(lines, path)


def _with_days(lines: pa.Table) -> pa.Table:
    at = lines.column_names.index("day")
    return lines.set_column(at, "day", lines["day"].cast(pa.int32()).cast(pa.date32()))
