"""Texts of an export as numbers and times, as a mapping says."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.importing import HEADER, MAPPING, SALES, prepared, with_price, write


@pytest.mark.parametrize(
    ("value", "written", "price"),
    [
        ('{ column = "price" }', "350000.00", 350_000),
        ('{ number = "price", grouping = ".", decimal = "," }', '"350.000,00"', 350_000),
        ('{ number = "price", times = 1000 }', "350", 350_000),
        ('{ number = "price", default = 7 }', "", 7),
        ('{ column = "price", default = 7 }', "", 7),
        ('{ column = "price", map = { cheap = 10, dear = 20 } }', "dear", 20),
        ('{ column = "price", map = { cheap = 10 }, default = 30 }', "", 30),
        ('{ text = "1{price}0" }', "23", 1230),
        ("5", "x", 5),
    ],
)
def test_a_number_is_read_as_the_mapping_says(tmp_path: Path, value: str, written: str, price: int) -> None:
    files = write(tmp_path, sales=f"{HEADER}o-1,b-1,c-1,2020-05-01,{written}\n")
    mapped = prepared(tmp_path, with_price(value), files)
    assert (mapped.said, mapped.all("price")) == ([], [price])


GROUPED = '{ number = "price", grouping = ".", decimal = "," }'


@pytest.mark.parametrize(
    ("value", "written"),
    [(GROUPED, text) for text in ("350.00", "12.5", "3.5.0", "...7", "350000.00", "1.0000", "350.000,50")]
    + [('{ column = "price" }', text) for text in ("350.000", "350,000", "Rp350000", "(350000)")],
)
def test_a_number_that_is_not_whole_for_certain_is_a_bad_row(tmp_path: Path, value: str, written: str) -> None:
    files = write(tmp_path, sales=f'{HEADER}o-1,b-1,c-1,2020-05-01,"{written}"\n')
    mapped = prepared(tmp_path, with_price(value), files)
    why = f"CoursePurchased: price is '{written}', not a whole number"
    assert (mapped.said, mapped.events) == ([f"sales.csv:2: {why}"], [])


def test_a_decimal_of_a_parquet_file_is_read_by_its_value_not_by_its_zeros(tmp_path: Path) -> None:
    columns = {
        name: [text] for name, text in zip(HEADER.strip().split(","), SALES.splitlines()[1].split(","), strict=True)
    }
    pq.write_table(pa.table(columns | {"price": [Decimal("350.000")]}), tmp_path / "sales.parquet")
    mapped = prepared(tmp_path, MAPPING.replace("sales.csv", "sales.*"), [tmp_path / "sales.parquet"])
    assert (mapped.said, mapped.all("price")) == ([], [350])


def test_what_a_map_does_not_hold_is_a_bad_row(tmp_path: Path) -> None:
    mapped = prepared(tmp_path, with_price('{ column = "price", map = { a = 1 } }'), write(tmp_path, sales=SALES))
    assert mapped.said[0] == "sales.csv:2: CoursePurchased: price is '100000', for which its map has nothing"


@pytest.mark.parametrize(
    ("value", "written", "time"),
    [
        ('{ day = "day" }', "2020-05-01", "2020-04-30T17:00:00Z"),
        ('{ day = "day", plus_days = -1, at = 23:59:59 }', "2020-05-01", "2020-04-30T16:59:59Z"),
        ('{ day = "day", format = "%d.%m.%Y" }', "01.05.2020", "2020-04-30T17:00:00Z"),
        ('{ day = "first", plus_days = "day" }', "-30", "2020-03-31T17:00:00Z"),
        ('{ time = "day" }', "2020-05-01T10:00:00", "2020-05-01T03:00:00Z"),
        ('{ time = "day" }', "2020-05-01 10:00:00.25+01:00", "2020-05-01T09:00:00.250000Z"),
        ('{ time = "day", format = "%d/%m/%Y %H.%M" }', "01/05/2020 10.30", "2020-05-01T03:30:00Z"),
        ("2020-05-01T00:00:00Z", "", "2020-05-01T00:00:00Z"),
        ("2020-05-01T07:00:00", "", "2020-05-01T00:00:00Z"),
    ],
)
def test_a_time_is_read_as_the_mapping_says(tmp_path: Path, value: str, written: str, time: str) -> None:
    mapping = MAPPING.replace('{ day = "day", at = 08:00:00 }', value)
    mapping = mapping.replace("[fields]", "[values]\nfirst = 2020-05-01\n[fields]")
    files = write(tmp_path, sales=f"{HEADER}o-1,b-1,c-1,{written},1\n")
    mapped = prepared(tmp_path, mapping, files)
    assert (mapped.said, mapped.all("occurred_at")) == ([], [time])


@pytest.mark.parametrize("days", ["x", "99999999999"])
def test_days_that_lead_nowhere_are_a_bad_row(tmp_path: Path, days: str) -> None:
    mapping = MAPPING.replace('{ day = "day", at = 08:00:00 }', '{ day = "day", plus_days = "price" }')
    mapped = prepared(tmp_path, mapping, write(tmp_path, sales=f"{HEADER}o-1,b-1,c-1,2020-05-01,{days}\n"))
    assert len(mapped.said) == 1
    assert mapped.events == []
