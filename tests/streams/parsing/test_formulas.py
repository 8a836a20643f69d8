"""CSV for spreadsheets: no text is a formula, and every text comes back as it was."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv

from dompet.streams.parsing.formulas import guarded, guarded_table, unguarded
from dompet.streams.parsing.shape import FileShape
from dompet.streams.parsing.table import TableFile


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+62", "'+62"),
        ("-INV", "'-INV"),
        ("@SUM", "'@SUM"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("'INV", "''INV"),
        ("INV;=1+1", "INV;'=1+1"),
        ("INV-1=+@", "INV-1=+@"),
        ("", ""),
    ],
)
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str, written: str) -> None:
    assert guarded(pa.array([text])).to_pylist() == [written]


@given(st.lists(st.text("=+-@'\t\r\n;＝aé", max_size=6), min_size=1))
def test_every_text_comes_back_and_none_is_a_formula(texts: list[str]) -> None:
    written = guarded(pa.array(texts, pa.string())).to_pylist()
    assert [unguarded(text) for text in written] == texts
    assert not [part for text in written for part in text.split(";") if part[:1] in set("=+-@\t\r\n＝＋－＠")]


def test_such_a_file_is_read_back_by_the_reader_of_files(tmp_path: Path) -> None:
    ids = ["=INV-1", "'INV-2", "-3;-4", "INV-5", '="6"']
    path = tmp_path / "a.csv"
    csv.write_csv(guarded_table(pa.table({"order": ids, "paid": [-1, 2, 3, 4, 5]})), path)
    file = TableFile(path, FileShape(excel_text=True), ["order", "paid"])
    assert [row.values for row in file.rows()] == [[one, str(n)] for one, n in zip(ids, [-1, 2, 3, 4, 5], strict=True)]
