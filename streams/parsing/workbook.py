"""Rows of a sheet of an Excel workbook (.xlsx), each cell as the text that it shows or, for a date, as ISO 8601.

What a cell shows is not always what it holds: a number beyond Excel's 15 digits, a fraction, an error, a formula whose
result was never stored. Such a cell is refused where its column is needed.

openpyxl is loaded with the first workbook: it takes a third of a second, and most files are none.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from dompet.streams.parsing.delimited import Row
from dompet.streams.parsing.texts import listed, shown
from dompet.streams.parsing.unpacked import BadLine

UNPACKED_BYTES_MAX: Final = 2 << 30
ROWS_MAX: Final = 1_048_576
"""As Excel has it."""
_ROWS_EACH: Final = 1_000
_DIGITS_MAX: Final = 15
_FAULTS: Final = (
    *(zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, NotImplementedError, RuntimeError, OverflowError),
)
"""What openpyxl raises for a file that is no workbook, beside an exception of its own."""
Cells = tuple[Any, ...]
"""A row of openpyxl's cells."""
_AS_DIGITS: Final = re.compile(r'((?:"[^"]*"|\\.)*)(0+)((?:"[^"]*"|\\.)*)')
"""A format that shows a number as so many digits, with texts around them: 00000, or "INV-"0000."""


class Workbook:
    """A sheet: the one named, or the only one. BadLine where the file is no workbook, or the sheet is not certain."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self.path = path
        names = sheets_of(path)
        if sheet is None and len(names) != 1:
            raise BadLine(path, 1, f"the workbook has the sheets {listed(names)}: name one as `sheet` in the mapping")
        if sheet is not None and sheet not in names:
            raise BadLine(path, 1, f"the workbook has no sheet {shown(sheet)}; its sheets are {listed(names)}")
        self._sheet = sheet or names[0]
        self.bytes_read = 0
        """Of the file on disk: all, once its rows are read."""

    def rows(self, first: int, needed: Collection[int] = ()) -> Iterator[Row]:
        """The rows from a number on, their cells as texts. One of which a needed cell cannot be read is wrong."""
        from openpyxl.utils import get_column_letter

        results: Iterator[Cells] | None = None
        for number, cells in enumerate(self._cells(formulas=True), start=1):
            if number < first:
                continue
            formulas = {at for at in needed if at < len(cells) and cells[at].data_type == "f"}
            if formulas and results is None:
                results = islice(self._cells(formulas=False), number - 1, None)
            stored = next(results, ()) if results else ()
            values, wrong = [], ""
            for at, cell in enumerate(cells):
                value, why = _text(stored[at] if at in formulas else cell)
                if at in formulas and not value:
                    why = why or "is a formula without a stored result: open the file in Excel and save it"
                values.append(value)
                wrong = wrong or (f"{get_column_letter(at + 1)}{number} {why}" if why and at in needed else "")
            yield Row(number, number + 1, values, wrong)
        self.bytes_read = self.path.stat().st_size

    def _cells(self, *, formulas: bool) -> Iterator[Cells]:
        with _opened(self.path, formulas=formulas) as book:
            sheet = book[self._sheet]
            sheet.reset_dimensions()  # what a file says of its size is often wrong
            rows = sheet.iter_rows()
            number = 0
            while True:
                with _quiet(self.path):
                    some = list(islice(rows, _ROWS_EACH))
                number += len(some)
                if number > ROWS_MAX:
                    raise BadLine(self.path, number, f"the sheet has more than {ROWS_MAX} rows")
                yield from some
                if not some:
                    return


def sheets_of(path: Path) -> list[str]:
    """The names of its sheets. BadLine where it is no workbook, or nobody meant to send so much as is packed in it."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(one.file_size for one in packed.infolist())
            known = "xl/workbook.xml" in packed.namelist()
    except zipfile.BadZipFile as error:
        raise BadLine(path, 1, f"the workbook cannot be read: {error}") from None
    if not known:
        raise BadLine(path, 1, "the file is a zip archive without an Excel workbook (.xlsx): unpack it")
    if size > UNPACKED_BYTES_MAX:
        raise BadLine(path, 1, f"the workbook has {size} bytes unpacked; {UNPACKED_BYTES_MAX} are allowed")
    with _opened(path, formulas=True) as book:
        return [one.title for one in book.worksheets]


@contextmanager
def _opened(path: Path, *, formulas: bool) -> Iterator[Any]:
    """openpyxl's workbook: with formulas as such, or with their stored results."""
    from openpyxl import load_workbook

    with path.open("rb") as file:  # which openpyxl leaves open where it gives up
        with _quiet(path):
            book = load_workbook(file, read_only=True, data_only=not formulas, keep_links=False)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def _quiet(path: Path) -> Iterator[None]:
    """What openpyxl says of parts that nobody reads here is not passed on; its many errors are one sentence."""
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings(action="ignore"):
        try:
            yield
        except (*_FAULTS, InvalidFileException) as error:
            raise BadLine(path, 1, f"the workbook cannot be read: {shown(str(error))}") from None


def _text(cell: Any) -> tuple[str, str]:
    """A cell's text; and why it is not certain, if it is not."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "e":
        return str(value), f"holds the error {shown(str(value))}"
    if isinstance(value, bool):
        return str(value).lower(), ""
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" "), ""
    return (value.isoformat(), "") if isinstance(value, date) else (str(value), "")


def _number(value: float, form: str) -> tuple[str, str]:
    """A whole number as the sheet shows it where that is so many digits, else its digits alone."""
    if not isfinite(value) or value != int(value):
        return str(value), f"is the number {value}, which is not whole"
    digits = str(abs(int(value)))
    if len(digits) > _DIGITS_MAX:
        return digits, f"is a number of more than {_DIGITS_MAX} digits, of which Excel forgets some: write it as text"
    if shape := _AS_DIGITS.fullmatch(form):
        digits = digits.zfill(len(shape[2]))
        digits = f"{_literal(shape[1])}{digits}{_literal(shape[3])}"
    return digits if value >= 0 else f"-{digits}", ""


def _literal(text: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', r"\1\2", text)
