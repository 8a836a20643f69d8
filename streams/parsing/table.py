"""A table in a file: its header, and the rows below it that count."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dompet.streams.parsing.blanks import BLANKS, are_blank, is_blank, stripped
from dompet.streams.parsing.conditions import Condition, Test
from dompet.streams.parsing.delimited import DelimitedFile, Row
from dompet.streams.parsing.formulas import unguarded
from dompet.streams.parsing.header import header_of
from dompet.streams.parsing.regular import cut
from dompet.streams.parsing.shape import FileShape
from dompet.streams.parsing.unpacked import BadLine, is_zip
from dompet.streams.parsing.workbook import Workbook

_ROWS_EACH: Final = 50_000
_EXCEL_TEXT: Final = re.compile(r'="((?:[^"]|"")*)"')


@dataclass(frozen=True)
class Columns:
    """Some rows: the line on which each begins, and the texts of the columns that were asked for."""

    lines: NDArray[np.int64]
    texts: list[pa.Array]


@dataclass
class LeftOut:
    """Rows that the conditions of a mapping left out: how many, and the line of the first; `on_row` is given each."""

    rows: int = 0
    first: int = 0
    on_row: Callable[[Row], None] = lambda row: None

    def add(self, row: Row) -> None:
        """One more."""
        self.rows += 1
        self.first = self.first or row.line
        self.on_row(row)


class TableFile:
    """Delimited text or a workbook in a given shape. It must have the columns `needed`; `why`, for the sentence that
    says that one is missing. Raises BadLine where there is no such header, OSError where the file cannot be read.
    """

    def __init__(self, path: Path, shape: FileShape, needed: Iterable[str], why: str = "") -> None:
        self.path = path
        self._shape = shape
        needed = list(dict.fromkeys(needed))
        names = list(dict.fromkeys((*needed, *shape.asked)))
        self._source = _source_of(path, shape)
        self.header = header_of(path, self._source.rows(1), names, self._cleaned, why)
        self._needed = {self.header.values.index(name) for name in needed}
        self._leave_out, self._ends_at = (
            [self._test(one) for one in some] for some in (shape.leave_out, shape.ends_at)
        )
        self.left_out = LeftOut()
        self.unread_from = 0
        """The line of the row at which the table ended, as `ends_at` says; 0 where it ended with the file."""

    @property
    def names(self) -> list[str]:
        """The names of its columns, in their order."""
        return self.header.values

    @property
    def bytes_read(self) -> int:
        """Of the file on disk, by what goes through its rows now."""
        return self._source.bytes_read

    def rows(self) -> Iterator[Row]:
        """The rows that count; of one that cannot be read, or that has not as many values as the header, it says why.

        Raises BadLine where it is no longer known where rows begin.
        """
        yield from self._counted(self._source.rows(self.header.end, self._needed))

    def columns(self, names: Iterable[str]) -> Iterator[Columns]:
        """The columns of these names, which are there, of the rows that count. BadLine, which names the first row that
        is wrong, once those before it were given.
        """
        places = [self.names.index(name) for name in names]
        source = self._source
        if isinstance(source, Workbook) or self._shape.asked:
            yield from _turned(self.path, self.rows(), places)
            return
        blocks = source.blocks(self.header.end)
        rows = source.read(blocks)
        for block in blocks:
            regular = cut(block, source.dialect, len(self.names), places)
            if regular and not _any_blank(regular[1]):
                yield Columns(regular[0], [self._cleaned_column(texts) for texts in regular[1]])
            else:
                yield from _turned(self.path, self._counted(rows.of(block)), places)

    def _counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if not row.wrong and is_blank("".join(row.values)):
                continue
            try:
                if self._meets(self._ends_at, row):
                    self.unread_from = row.line
                    return
                if self._meets(self._leave_out, row):
                    self.left_out.add(row)
                    continue
            except ValueError as why:
                yield row._replace(wrong=str(why))
            else:
                yield self._whole(row)

    def _whole(self, row: Row) -> Row:
        """With as many values as the header, cleaned; or it is said what is wrong."""
        width, values = len(self.names), row.values
        if isinstance(self._source, Workbook):  # cells that are not there are empty
            values = values + [""] * (width - len(values))
            values = values[:width] if is_blank("".join(values[width:])) else values
        if not row.wrong and len(values) != width:
            return row._replace(wrong=f"the row has {len(values)} values; the header has {width}")
        return row._replace(values=[self._cleaned(value) for value in values])

    def _test(self, condition: Condition) -> tuple[int, Test]:
        return self.header.values.index(condition.column), condition.test()

    def _meets(self, tests: Iterable[tuple[int, Test]], row: Row) -> bool:
        """Whether one of the tests holds; blanks at the ends of a value do not count."""
        return any(
            test(stripped(self._cleaned(row.values[place])) or None if place < len(row.values) else None)
            for place, test in tests
            if row.values
        )

    def _cleaned(self, value: str) -> str:
        if self._shape.excel_text:
            found = _EXCEL_TEXT.fullmatch(value)
            value = found[1].replace('""', '"') if found else unguarded(value)
        return stripped(value) if self._shape.trim else value

    def _cleaned_column(self, texts: pa.Array) -> pa.Array:
        if self._shape.excel_text:
            return pa.array([self._cleaned(value) for value in texts.to_pylist()], pa.string())
        return pc.utf8_trim(texts, BLANKS) if self._shape.trim else texts


def _source_of(path: Path, shape: FileShape) -> DelimitedFile | Workbook:
    if is_zip(path):
        return Workbook(path, shape.sheet)
    return DelimitedFile(path, shape.separator, shape.escape, shape.encoding)


def _any_blank(columns: Sequence[pa.Array]) -> bool:
    """Whether a row may be blank altogether: all that is seen of it is."""
    return bool(np.logical_and.reduce([are_blank(texts) for texts in columns]).any())


def _turned(path: Path, rows: Iterable[Row], places: Sequence[int]) -> Iterator[Columns]:
    """Rows as columns; those before one that is wrong are given before BadLine is raised."""
    some: list[Row] = []

    def columns() -> Columns:
        lines = np.fromiter((row.line for row in some), np.int64, len(some))
        return Columns(lines, [pa.array([row.values[at] for row in some], pa.string()) for at in places])

    try:
        for row in rows:
            if row.wrong:
                raise BadLine(path, row.line, row.wrong)
            some.append(row)
            if len(some) == _ROWS_EACH:
                yield columns()
                some = []
    except BadLine:
        yield columns()
        raise
    yield columns()
