"""The header of a table: the first row of a file that has the names of all columns that are needed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from dompet.streams.parsing.blanks import at_ends, is_blank, stripped
from dompet.streams.parsing.delimited import Row
from dompet.streams.parsing.texts import listed, near, shown
from dompet.streams.parsing.unpacked import BadLine

ROWS_MAX: Final = 100
"""So far down it is looked for."""


def header_of(path: Path, rows: Iterator[Row], needed: Sequence[str], cleaned: Callable[[str], str], why: str) -> Row:
    """The header, its names cleaned; without needed columns the first row that is not blank.

    BadLine, with `why` a column is needed, where there is none, or where one of its names is there twice.
    """
    seen: list[Row] = []
    for row in _first(rows):
        header = row._replace(values=[cleaned(name) for name in row.values])
        if row.wrong or is_blank("".join(header.values)):
            seen += [row] if row.wrong else []
            continue
        seen.append(header)
        if not _missing(header, needed):
            break
    else:
        if needed or seen:
            raise _no_header(path, seen or [Row(1, 1, [])], needed, why)
        return Row(1, 1, [])
    for name in needed:
        if header.values.count(name) > 1:
            its = f"its columns are {listed(header.values)}"
            raise BadLine(path, header.line, f"has more than one column {shown(name)}{why}; {its}")
    return header


def _first(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows among which the header must be, as far as they can be read."""
    some = islice(rows, ROWS_MAX)
    yield from islice(some, 1)
    try:
        yield from some
    except BadLine:
        return


def _missing(row: Row, needed: Iterable[str]) -> list[str]:
    return [name for name in needed if name not in row.values]


def _no_header(path: Path, rows: list[Row], needed: Sequence[str], why: str) -> BadLine:
    """What is said of the row that comes nearest to being the header."""
    if rows[0].wrong:
        return BadLine(path, rows[0].line, f"the header cannot be read: {rows[0].wrong}")
    best = min(rows, key=lambda row: len(_missing(row, needed)))
    name = next(iter(_missing(best, needed)), "")
    sentence = f"has no column {shown(name)}{why}; its columns are {listed(best.values)}"
    return BadLine(path, best.line, f"{sentence}{_hint(name, best.values)}")


def _hint(name: str, names: Sequence[str]) -> str:
    """Which of the names may be meant."""
    for other in names:
        if stripped(other) == stripped(name):
            blanks = at_ends(other) + at_ends(name)
            return f"; {shown(other)} is the same but for blanks at the ends ({', '.join(blanks)}): say trim = true"
    few = [shown(other) for other in near(name, filter(None, names))]
    return f"; the nearest is {' or '.join(few)}" if few else ""
