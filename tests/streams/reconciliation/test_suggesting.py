"""A proposed mapping reads a file right, or it is refused, or it says what is to be decided; it guesses no amount."""

from pathlib import Path

import pytest

from dompet.streams.parsing.unpacked import BadLine
from dompet.streams.reconciliation.mapping import parse_mapping
from dompet.streams.reconciliation.suggesting import first_lines, proposed
from tests.streams.parsing.test_workbook import book
from tests.streams.reconciliation.test_shapes import SHAPES
from tests.support.command import dompet
from tests.support.statements import amounts, statement

OPEN = {
    "refunds below zero in a column of their own": "no column is called as one with amount is",
    "a refund's word by a pattern": "column 'kind' holds Retur sebagian: which of these are refunds",
    "quotes escaped": ":4: the row is not CSV: ",
    "a day only on the first line of each": ":3: date '' in column 'day' is no day written as %Y-%m-%d",
    "lines without a day": ":3: date '' in column 'day' is no day written as %Y-%m-%d",
}
"""What a proposal cannot know, and what it says then."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_proposed_so_that_it_is_read_right_or_what_is_open_is_said(tmp_path: Path, shape: str) -> None:
    text, _ = SHAPES[shape]
    path = tmp_path / "a.csv"
    path.write_text(text)
    proposal = proposed(path)
    lines, wrong = first_lines(path, proposal.toml())
    if shape in OPEN:
        assert OPEN[shape] in "\n".join([*proposal.remarks, wrong])
        return
    assert wrong == ""
    assert [(line["order_id"], line["amount"]) for line in lines] == [
        ("INV-1", 350_000), ("INV-2", 500_000), ("INV-2", -500_000),
    ]  # fmt: skip


def test_days_that_can_be_read_in_two_ways_are_left_to_whoever_saves_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("order,paid,day\n1,5,01/02/2020\n2,5,03/04/2020\n")
    proposal = proposed(path)
    assert "date" not in proposal.keys
    assert proposal.remarks == [
        "days such as '01/02/2020' can be read in several ways: choose date_format = \"%d/%m/%Y\" or "
        'date_format = "%m/%d/%Y"'
    ]
    assert parse_mapping(proposal.toml(), "a.toml").statement.date is None


def test_a_file_of_windows_and_a_workbook_are_proposed(tmp_path: Path) -> None:
    windows = tmp_path / "a.csv"
    windows.write_bytes("No. Pesanan;Jumlah (€);Catatan\nINV-1;350.000;café\n".encode("cp1252"))
    keys = proposed(windows).keys
    assert keys == {"encoding": "cp1252", "separator": ";", "order_id": "No. Pesanan", "amount": "Jumlah (€)",
                    "decimal": ",", "thousands": "."}  # fmt: skip
    assert amounts(statement(tmp_path / "b.csv", windows.read_bytes(), keys)) == [("INV-1", 350_000, 2)]
    path = book(
        tmp_path / "a.xlsx", [["Bank X"], ["Tanggal", "Berita", "Debet", "Kredit"], [None, "INV-1", None, 5]], "Mei"
    )
    proposal = proposed(path)
    assert (proposal.keys["sheet"], proposal.keys["refund_amount"]) == ("Sheet", "Debet")
    assert [line["amount"] for line in first_lines(path, proposal.toml())[0]] == [5]


@pytest.mark.parametrize("name", ["a\nb = 1", 'say "x"', "\x1b[31m", "\x7f", "\\", "é\u202ex"])
def test_a_hostile_header_stays_a_text_in_the_proposal(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    quoted = name.replace('"', '""')
    path.write_text(f'"order {quoted}",paid,"{quoted}"\nINV-1,5,x\n', newline="")
    layout = parse_mapping(proposed(path).toml(), "a.toml").statement
    assert (layout.order_id, layout.amount) == (f"order {name}", "paid")


def test_a_file_without_rows_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n \n")
    with pytest.raises(BadLine, match=r"a\.csv:1: there is no row in which to look for columns"):
        proposed(tmp_path / "a.csv")


@pytest.mark.server
def test_the_command_writes_the_mapping_and_shows_the_first_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\norder;paid\nINV-1;Rp350.000,-\n")
    ran = dompet("reconcile", "--suggest", "a.csv", cwd=tmp_path)
    assert ran.code == 0
    assert ran.out == '[statement]\norder_id = "order"\namount = "paid"\ndecimal = ","\nthousands = "."\n'
    assert "350.000" in ran.err
    ran = dompet("reconcile", "--statement", "a.csv", cwd=tmp_path)
    assert (ran.code, ran.complaint) == (
        2, "give --statement, --mapping, --platform, --from and --to; or --suggest FILE for a mapping",
    )  # fmt: skip
