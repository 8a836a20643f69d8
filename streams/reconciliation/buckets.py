"""Rows on disk, sorted into buckets by their order's id, so that however long a file is, a part of it at a time is in
memory: what is under one id on any side is in one bucket.
"""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa

from dompet.schemas.partitions import partitions_of
from dompet.schemas.strings import Strings

_ROWS_EACH: Final = 2_000_000
_MOST: Final = 128
"""Each bucket of each side is an open file while rows are added."""


class Buckets:
    """Rows of several sides; `expected` is about how many there will be in all."""

    def __init__(self, expected: int) -> None:
        self.count = min(1 + expected // _ROWS_EACH, _MOST)
        self._folder = tempfile.TemporaryDirectory(prefix="dompet-reconcile-")
        self._writers: dict[tuple[str, int], Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._finish()
        self._folder.cleanup()

    def add(self, side: str, rows: pa.Table) -> None:
        """Add rows to a side, whose order is kept within a bucket."""
        if self.count == 1:
            self._write(side, 0, rows)
            return
        ids = Strings.of_arrow(rows["order_id"].combine_chunks())
        bucket = pa.array(partitions_of(ids, self.count))
        for number in range(self.count):
            self._write(side, number, rows.filter(pa.compute.equal(bucket, number)))

    def read(self, side: str, number: int, schema: pa.Schema) -> pa.Table:
        """A bucket of a side. Nothing can be added any more."""
        self._finish()
        path = self._path(side, number)
        if not path.exists():
            return schema.empty_table()
        with pa.OSFile(str(path)) as file:
            return pa.ipc.open_stream(file).read_all()

    def _write(self, side: str, number: int, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        if (side, number) not in self._writers:
            self._writers[side, number] = pa.ipc.new_stream(str(self._path(side, number)), rows.schema)
        self._writers[side, number].write_table(rows)

    def _finish(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _path(self, side: str, number: int) -> Path:
        return Path(self._folder.name) / f"{side}-{number}"
