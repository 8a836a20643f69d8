"""A table in a file: the header with the names of its columns, and the rows below it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dompet.streams.parsing.columns import Columns, columns_of
from dompet.streams.parsing.delimited import Dialect, Row, checked, rows_of
from dompet.streams.parsing.opened import BadLine, Block, after, blocks_of
from dompet.streams.parsing.texts import listed


class TableFile:
    """A file of delimited text. Raises BadLine where its header cannot be read, OSError where the file cannot be."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.path = path
        self._dialect = dialect
        self.header = next(rows_of(path, blocks_of(path), dialect), Row(1, 1, []))
        """The first row; without values where the file has none."""
        self.bytes_read = 0
        """Of the file, by what goes through its rows now."""
        if self.header.wrong:
            raise BadLine(path, self.header.line, f"the header cannot be read: {self.header.wrong}")

    @property
    def names(self) -> list[str]:
        """The names of its columns, in their order."""
        return self.header.values

    def need(self, names: Iterable[str]) -> None:
        """Raises BadLine where one of these columns is not there, or is there twice."""
        for name in names:
            if self.names.count(name) != 1:
                many = "has no column" if name not in self.names else "has more than one column"
                why = f"{many} {name!r}; its columns are {listed(self.names)}"
                raise BadLine(self.path, self.header.line, why)

    def rows(self) -> Iterator[Row]:
        """The rows below the header; of one that cannot be read, or that has not as many values, it is said why.

        Raises BadLine where nobody can tell any more where rows begin.
        """
        yield from checked(rows_of(self.path, self._below(), self._dialect), len(self.names))

    def columns(self, names: Iterable[str]) -> Iterator[Columns]:
        """The columns of these names, which are there, of the rows below the header; BadLine as for `rows`, and for
        the first of them that is wrong.
        """
        wanted = [self.names.index(name) for name in names]
        yield from columns_of(self.path, self._below(), self._dialect, len(self.names), wanted)

    def _below(self) -> Iterator[Block]:
        self.bytes_read = 0
        for block in after(blocks_of(self.path), self.header.end):
            self.bytes_read += len(block.data)
            yield block
