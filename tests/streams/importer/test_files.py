"""Exports in the shapes that platforms send, and what is said of what nobody would see in them."""

from pathlib import Path

import pytest

from dompet.schemas.rules import read_rules
from dompet.streams.importer.exports import export_of
from dompet.streams.importer.prepare import Preparation
from dompet.streams.importer.reading import parse_mapping
from dompet.streams.importer.run import Import, dry_run
from tests.streams.parsing.test_workbook import book
from tests.support.importing import HEADER, MAPPING, SALES, prepared, with_price, write

ROWS = [line.split(",") for line in SALES.splitlines()]


def shaped(keys: str) -> str:
    """The mapping with more keys for its input."""
    return MAPPING.replace('file = "sales.csv"', f'file = "sales.csv"\n{keys}')


@pytest.mark.parametrize(
    ("keys", "content"),
    [
        ("", f"Shop\nMay 2020\n\n{SALES}"),
        ("", SALES.encode("utf-16")),
        ("", "sep=;\n" + SALES.replace(",", ";")),
        ('separator = ";"', SALES.replace(",", ";")),
        ('delimiter = ";"', SALES.replace(",", ";")),
        ("trim = true", SALES.replace("o-1", "\u00a0o-1 ").replace("person", "person\u200b")),
        ("excel_text = true", SALES.replace("o-1", '="o-1"').replace("o-2", "'o-2")),
        ('leave_out = [{ column = "order", matches = "^fee" }]', f"{SALES}fee-1,,,,-5\n"),
        ('ends_at = [{ column = "order", among = ["Total"] }]', f"{SALES}Total: 2\n".replace("Total: 2", "Total,2")),
    ],
)
def test_a_shape_is_read_as_the_mapping_says(tmp_path: Path, keys: str, content: str | bytes) -> None:
    plain = prepared(tmp_path, MAPPING, write(tmp_path, sales=SALES))
    mapped = prepared(tmp_path, shaped(keys), write(tmp_path, sales=content))
    assert (mapped.said, mapped.events) == ([], plain.events)


def test_a_workbook_is_read_as_csv_is(tmp_path: Path) -> None:
    plain = prepared(tmp_path, MAPPING, write(tmp_path, sales=SALES))
    path = book(tmp_path / "sales.xlsx", [*ROWS[:1], *([*row[:4], int(row[4])] for row in ROWS[1:])])
    assert prepared(tmp_path, MAPPING.replace("sales.csv", "sales.*"), [path]).events == plain.events


def test_a_pattern_chooses_the_rows_that_are_events(tmp_path: Path) -> None:
    mapping = MAPPING.replace('from = "sales"', 'from = "sales"\nwhen = [{ column = "order", matches = "(?i)^O-1$" }]')
    assert prepared(tmp_path, mapping, write(tmp_path, sales=SALES)).all("order_id") == ["o-1"]


@pytest.mark.parametrize(
    ("value", "written", "price"),
    [
        ('{ number = "price", thousands = ".", decimal = "," }', '"Rp350.000,-"', 350_000),
        ('{ number = "price", minus = ["DB"], times = -1 }', "500 db", 500),
        ('{ number = "price", times = -1 }', "(500)", 500),
    ],
)
def test_amounts_are_read_as_a_statement_has_them(tmp_path: Path, value: str, written: str, price: int) -> None:
    files = write(tmp_path, sales=f"{HEADER}o-1,b-1,c-1,2020-05-01,{written}\n")
    assert prepared(tmp_path, with_price(value), files).all("price") == [price]


def test_names_of_months_and_afternoons_are_read(tmp_path: Path) -> None:
    value = '{ time = "day", format = "%d %B %Y %I.%M %p" }'
    mapping = MAPPING.replace('{ day = "day", at = 08:00:00 }', value)
    mapped = prepared(tmp_path, mapping, write(tmp_path, sales=f"{HEADER}o-1,b-1,c-1,12 Mei 2020 9.05 PM,1\n"))
    assert mapped.all("occurred_at") == ["2020-05-12T14:05:00Z"]


def notes(folder: Path, keys: str, content: str) -> list[str]:
    file = parse_mapping(shaped(keys), "mapping.toml")
    preparation = Preparation(file, export_of(file, write(folder, sales=content)), b"", stop=False, complain=print)
    preparation.run(folder / "rows", folder / "events", lambda read: None)
    return [one.removeprefix(f"{folder}/") for one in preparation.notes]


def test_blanks_at_the_ends_of_ids_are_said_with_the_character(tmp_path: Path) -> None:
    content = SALES.replace("o-1", "o-1\u00a0").replace("b-2", " b-2")
    assert sorted(notes(tmp_path, "", content)) == [
        "1 beneficiary_id begins or ends with blanks, as ' b-2' (U+0020 SPACE): they are in the events as they are; "
        "trim = true leaves them out",
        "1 order_id begins or ends with blanks, as 'o-1\\xa0' (U+00A0 NO-BREAK SPACE): they are in the events as "
        "they are; trim = true leaves them out",
    ]
    assert notes(tmp_path, "trim = true", content) == []


def test_rows_that_are_left_out_are_said(tmp_path: Path) -> None:
    keys = 'leave_out = [{ column = "price", present = false }]\nends_at = [{ column = "order", among = ["Total"] }]'
    assert notes(tmp_path, keys, f"{SALES}fee,,,,\nfee,,,,\nTotal,,,,2\nx\n") == [
        "sales.csv: 2 rows left out by leave_out, the first on line 4",
        "sales.csv: the table ends at line 6, by ends_at: what follows was not read",
    ]


CREDIT = """
[[events]]
type = "SaldoCredited"
from = "sales"
[events.fields]
publisher_id = "programme"
occurred_at = { day = "day" }
credit_id = { text = "credit-{order}" }
decree = ""
wave = 1
amount = 1_000_000
"""


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ("2020-05", "2013-05", "2 no_rules, 2 unknown_wallet; the rules begin on 2020-04-01"),
        ('publisher_id = "shop"', 'publisher_id = "other"', ""),
        ("", "", ""),
    ],
)
def test_an_export_that_the_rules_reject_altogether_is_said_to_be_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], old: str, new: str, reasons: str
) -> None:
    file = parse_mapping((MAPPING + CREDIT).replace(old or "\0", new), "mapping.toml")
    export = export_of(file, write(tmp_path, sales=SALES.replace(old or "\0", new)))
    assert dry_run(Import(file, export, b"", read_rules())) == 0
    said = [line for line in capfd.readouterr().err.splitlines() if "would be rejected" in line]
    assert [line.startswith("• all 4 events would be rejected, unless ") for line in said] == [True] * bool(reasons)
    assert reasons in "".join(said)
