"""A table fits the terminal: where it does not, each row is a block, and nothing is cut off."""

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.jakarta import JAKARTA
from dompet.streams.parsing.zones import zone_of
from dompet.streams.terminal.console import SafeConsole
from dompet.streams.terminal.tables import facts_table, rows_table
from dompet.streams.terminal.times import CLOCK

ROWS = [
    {"order_id": "INV/20200411/1", "price": 350_000, "purchased_at": "2020-04-10 20:14:00", "refunded": False},
    {"order_id": "INV\u202e/2", "price": 1_000_000, "purchased_at": None, "refunded": True},
]
COLUMNS = ("order_id", "price", "purchased_at", "refunded")


def printed(width: int, **more: object) -> str:
    console = SafeConsole(file=StringIO(), width=width)
    console.print(rows_table("Orders", ROWS, COLUMNS, ("price",), sums=("price",), **more))  # type: ignore[arg-type]
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_table_that_fits_is_one() -> None:
    lines = [line.rstrip() for line in printed(100).splitlines()]
    assert lines[0] == "Orders (times in Asia/Jakarta)"
    assert lines[1].split() == ["order", "id", "price", "purchased", "at", "refunded"]
    assert lines[3].split() == ["INV/20200411/1", "350.000", "2020-04-11", "03:14:00", "no"]
    assert lines[4].split() == ["INV\\u202e/2", "1.000.000", "yes"]
    assert lines[-1].split() == ["all", "1.350.000"]


@given(st.integers(1, 60))
def test_one_that_does_not_is_blocks_with_every_label_and_digit(width: int) -> None:
    words = "".join(printed(width).split())
    for text in ("price", "350.000", "1.000.000", "2020-04-1103:14:00", "INV\\u202e/2", "1.350.000", "orderid"):
        assert text in words
    assert all(len(line) <= width for line in printed(width).splitlines())


def test_times_are_shown_in_the_zone_that_is_set() -> None:
    try:
        CLOCK.show_in("UTC", zone_of("UTC"))
        assert "2020-04-10 20:14:00" in printed(100)
        assert "times in UTC" in printed(100)
    finally:
        CLOCK.show_in("Asia/Jakarta", JAKARTA)


@pytest.mark.parametrize("text", ["2020-04-10", "", "2020-13-01 00:00:00", "now"])
def test_what_is_no_moment_stays_as_it_is(text: str) -> None:
    assert CLOCK.shown(text) == text


def test_facts_say_the_zone_of_their_moments() -> None:
    console = SafeConsole(file=StringIO(), width=60)
    console.print(facts_table(ROWS[0], COLUMNS, ("price",)))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "2020-04-11 03:14:00" in text
    assert "times in Asia/Jakarta" in text
