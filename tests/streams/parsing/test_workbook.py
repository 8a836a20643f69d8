"""Workbooks: each cell as it is shown, and refused where what it holds is not certain."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from dompet.streams.parsing import workbook
from dompet.streams.parsing.shape import FileShape
from dompet.streams.parsing.table import TableFile
from dompet.streams.parsing.unpacked import BadLine

Cell = tuple[object, str]
"""What a cell holds, and the format that it is shown by."""


def book(path: Path, rows: Iterable[Iterable[object]], *more: str) -> Path:
    """A workbook with these rows, and with more sheets of these names."""
    made = openpyxl.Workbook()
    sheet = made.active
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            held, shown_by = value if isinstance(value, tuple) else (value, "General")
            cell = sheet.cell(number, column, held)
            cell.number_format = cell.number_format if shown_by == "General" else shown_by
    for name in more:
        made.create_sheet(name)
    made.save(path)
    return path


def rows(path: Path, needed: Iterable[str] = ("order", "paid"), **keys: object) -> list[tuple[int, list[str], str]]:
    file = TableFile(path, FileShape.model_validate(keys), needed)
    return [(row.line, row.values, row.wrong) for row in file.rows()]


def refusal(path: Path, **keys: object) -> str:
    with pytest.raises(BadLine) as refused:
        TableFile(path, FileShape.model_validate(keys), ["order", "paid"])
    assert str(refused.value).isprintable()
    return str(refused.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ("INV-1", "INV-1"),
        (350_000, "350000"),
        (350_000.0, "350000"),
        (-5, "-5"),
        ((42, "00000"), "00042"),
        ((42, '"INV-"0000'), "INV-0042"),
        ((350_000, '"Rp"#,##0'), "350000"),
        ((350_000, "#,##0.00"), "350000"),
        (datetime(2020, 4, 11), "2020-04-11"),
        (date(2020, 4, 11), "2020-04-11"),
        (datetime(2020, 4, 11, 9, 5), "2020-04-11 09:05:00"),
        (True, "true"),
        (None, ""),
    ],
)
def test_a_cell_is_read_as_it_is_shown(tmp_path: Path, held: object, text: str) -> None:
    path = book(tmp_path / "a.xlsx", [["order", "paid"], ["x", held]])
    assert rows(path) == [(2, ["x", text], "")]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (350.125, "B2 is the number 350.125, which is not whole"),
        (1234567890123456, "B2 is a number of more than 15 digits, of which Excel forgets some: write it as text"),
        ("=SUM(A1:A9)", "B2 is a formula without a stored result: open the file in Excel and save it"),
        ("#N/A", "B2 holds the error '#N/A'"),
    ],
)
def test_a_cell_that_is_not_certain_is_refused_where_it_is_needed(tmp_path: Path, held: object, why: str) -> None:
    path = book(tmp_path / "a.xlsx", [["order", "paid"], ["x", held]])
    assert [wrong for _, _, wrong in rows(path)] == [why]
    assert [wrong for _, _, wrong in rows(path, ["order"])] == [""]


def test_a_formula_is_read_by_its_stored_result(tmp_path: Path) -> None:
    plain = book(tmp_path / "plain.xlsx", [["order", "paid"], ["x", 1], ["y", "=B2*2"], ["z", 3]])
    path = tmp_path / "a.xlsx"
    with ZipFile(plain) as packed, ZipFile(path, "w") as again:
        for name in packed.namelist():
            again.writestr(name, packed.read(name).replace(b"<f>B2*2</f><v />", b"<f>B2*2</f><v>2</v>"))
    assert rows(path) == [(2, ["x", "1"], ""), (3, ["y", "2"], ""), (4, ["z", "3"], "")]


def test_rows_before_the_header_and_after_the_last_are_passed_over_in_a_sheet_too(tmp_path: Path) -> None:
    some: list[list[object]] = [
        ["Bank"],
        [],
        ["", "order", "paid", "note"],
        ["", "x", 1],
        [None, None, None],
        ["", "y", 2, "n"],
        ["", "Total", 3],
    ]
    path = book(tmp_path / "a.xlsx", some)
    found = rows(path, ends_at=[{"column": "order", "among": ["Total"]}])
    assert found == [(4, ["", "x", "1", ""], ""), (6, ["", "y", "2", "n"], "")]


def test_a_sheet_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["order", "paid"], ["x", 1]], "Mei")
    assert refusal(path) == "1: the workbook has the sheets Sheet, Mei: name one as `sheet` in the mapping"
    assert refusal(path, sheet="Juni") == "1: the workbook has no sheet 'Juni'; its sheets are Sheet, Mei"
    assert refusal(path, sheet="Mei") == "1: has no column 'order'; its columns are none"
    assert rows(path, sheet="Sheet") == [(2, ["x", "1"], "")]


def test_a_workbook_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    assert rows(book(tmp_path / "a.xlsx", [["order", "paid"], ["x", 1]]).rename(tmp_path / "a.csv")) == [
        (2, ["x", "1"], "")
    ]
    with ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.csv", "order,paid\n")
    assert refusal(tmp_path / "a.zip") == "1: the file is a zip archive without an Excel workbook (.xlsx): unpack it"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("data", [b"\x1b[31m", b"<worksheet", b""])
def test_a_damaged_workbook_is_one_sentence(tmp_path: Path, part: str, data: bytes) -> None:
    whole = book(tmp_path / "whole.xlsx", [["order", "paid"], ["x", 1]])
    path = tmp_path / "a.xlsx"
    with ZipFile(whole) as packed, ZipFile(path, "w") as again:
        for name in packed.namelist():
            again.writestr(name, data if name == part else packed.read(name))
    assert refusal(path).startswith("1: the workbook cannot be read: ")


def test_a_workbook_that_unpacks_to_more_than_anybody_sends_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "a.xlsx", [["order", "paid"], ["x", 1]])
    monkeypatch.setattr(workbook, "UNPACKED_BYTES_MAX", 100)
    assert "bytes unpacked; 100 are allowed" in refusal(path)
