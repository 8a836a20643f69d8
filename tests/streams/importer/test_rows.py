"""Rows of an export as events: values, joins, conditions, order, and every row that does not map."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.importing import HEADER, MAPPING, SALES, prepared, with_price, write


def test_rows_become_events_in_the_order_of_their_time(tmp_path: Path) -> None:
    mapped = prepared(tmp_path, MAPPING, write(tmp_path, sales=SALES))
    assert mapped.all("order_id") == ["o-2", "o-1"]
    assert mapped.all("occurred_at") == ["2020-05-01T01:00:00Z", "2020-05-02T01:00:00Z"]  # 08:00 in Jakarta
    assert mapped.tally
    assert (mapped.tally.rows, mapped.tally.bad, mapped.tally.events) == (2, 0, {"CoursePurchased": 2})


def test_the_same_row_gives_the_same_event_id_and_another_row_another(tmp_path: Path) -> None:
    first = prepared(tmp_path, MAPPING, write(tmp_path, sales=SALES))
    more = prepared(tmp_path, MAPPING, write(tmp_path, sales=SALES + "o-3,b-1,c-1,2020-04-30,100000\n"))
    assert more.all("event_id")[1:] == first.all("event_id")
    assert len(set(more.all("event_id"))) == 3
    assert all(one.startswith("shop-") for one in more.all("event_id"))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("o-3,b-3,c-1,2020-05-01,12a", "CoursePurchased: price is '12a', not a whole number"),
        ("o-3,b-3,c-1,2020-05-01,12.5", "CoursePurchased: price is '12.5', not a whole number"),
        ("o-3,b-3,c-1,2020-05-01,", "CoursePurchased: price: price is empty"),
        ("o-3,b-3,c-1,2020-05-01", "the row has 4 values; the header has 5"),
        ("o-3,,c-1,2020-05-01,1", "CoursePurchased: beneficiary_id: person is empty"),
        ("o-3,b-3,c-1,01/05/2020,1", "CoursePurchased: day is '01/05/2020', not a date such as 2020-04-11"),
        ("o-3,b-3,c-1,1999-05-01,1", "CoursePurchased: occurred_at is 925520400000000 microseconds; it must lie from "),
        (f"{'o' * 65},b-3,c-1,2020-05-01,1", "CoursePurchased: order_id has 65 bytes; 1 to 64 are allowed"),
        ("o-3,3201234567890123,c-1,2020-05-01,1", "CoursePurchased: beneficiary_id has 16 digits, the form of a "),
        ('o-3,"b-3" x,c-1,2020-05-01,1', "the row is not CSV: "),
        (b"o-3,b-\xff,c-1,2020-05-01,1", "the row is not UTF-8 text"),
    ],
)
def test_a_row_that_does_not_map_is_reported_with_its_line_and_left_out(
    tmp_path: Path, row: str | bytes, why: str
) -> None:
    content = SALES.encode() + (row if isinstance(row, bytes) else row.encode()) + b"\no-4,b-4,c-1,2020-05-04,1\n"
    files = write(tmp_path, sales=content)
    mapped = prepared(tmp_path, MAPPING, files)
    assert len(mapped.said) == 1
    assert mapped.said[0].startswith(f"sales.csv:4: {why}")
    assert mapped.all("order_id") == ["o-2", "o-1", "o-4"]
    assert mapped.tally
    assert mapped.tally.bad == 1


def test_nothing_is_made_of_an_export_that_is_stopped_at_its_first_bad_row(tmp_path: Path) -> None:
    files = write(tmp_path, sales=SALES + "x\ny\n")
    mapped = prepared(tmp_path, MAPPING, files, stop=True)
    assert (mapped.events, mapped.tally) == ([], None)
    assert mapped.said == ["sales.csv:4: the row has 1 values; the header has 5"]


def test_the_line_is_that_of_the_file_whatever_is_in_quotes(tmp_path: Path) -> None:
    content = "\ufeff" + HEADER + '"o-\n\n1",b-1,c-1,2020-05-01,1\r\n\r\no-2,b-2,"c,1",2020-05-01,x\n'
    mapped = prepared(tmp_path, MAPPING, write(tmp_path, sales=content))
    assert mapped.said == [
        "sales.csv:2: CoursePurchased: order_id holds a control character",
        "sales.csv:6: CoursePurchased: price is 'x', not a whole number",
    ]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ('{ column = "price", present = true }', ["1", "5", "9"]),
        ('{ column = "price", present = false }', [""]),
        ('{ column = "price", among = [1, "9"] }', ["1", "9"]),
        ('{ column = "price", not_among = [1] }', ["5", "9", ""]),
        ('{ column = "price", at_least = 5 }', ["5", "9"]),
        ('{ column = "price", at_least = 2, at_most = 8 }', ["5"]),
    ],
)
def test_a_condition_leaves_rows_out_without_a_word(tmp_path: Path, condition: str, kept: list[str]) -> None:
    mapping = with_price("1").replace('from = "sales"', f'from = "sales"\nwhen = [{condition}]')
    rows = "".join(f"o-{price},b-1,c-1,2020-05-01,{price}\n" for price in ("1", "5", "9", ""))
    mapped = prepared(tmp_path, mapping, write(tmp_path, sales=HEADER + rows))
    assert mapped.said == []
    assert mapped.all("order_id") == [f"o-{price}" for price in kept]


def test_one_row_gives_events_of_several_types_and_only_the_earliest_of_a_kind_where_asked(tmp_path: Path) -> None:
    credit = """
[[events]]
type = "SaldoCredited"
from = "sales"
once_per = "person"
[events.fields]
publisher_id = "programme"
occurred_at = { day = "day" }
credit_id = { text = "credit-{person}" }
decree = ""
wave = 1
amount = 1_000_000
"""
    rows = "o-1,b-1,c-1,2020-05-03,1\no-2,b-1,c-1,2020-05-01,1\no-3,b-1,c-1,2020-05-02,1\n"
    mapped = prepared(tmp_path, MAPPING + credit, write(tmp_path, sales=HEADER + rows))
    assert mapped.all("order_id") == [None, "o-2", "o-3", "o-1"]
    assert mapped.events[0]["occurred_at"] == "2020-04-30T17:00:00Z"


def test_events_of_one_moment_keep_the_order_of_the_mapping_then_of_the_rows(tmp_path: Path) -> None:
    refund = """
[[events]]
type = "PurchaseRefunded"
from = "sales"
[events.fields]
occurred_at = { day = "day", at = 08:00:00 }
order_id = { column = "order" }
amount = { column = "price" }
reason = ""
"""
    rows = "".join(f"o-{number},b-1,c-1,2020-05-01,1\n" for number in range(12))
    mapped = prepared(tmp_path, MAPPING + refund, write(tmp_path, sales=HEADER + rows))
    assert mapped.all("type") == ["CoursePurchased"] * 12 + ["PurchaseRefunded"] * 12
    assert mapped.all("order_id") == [f"o-{number}" for number in range(12)] * 2


def test_a_person_is_a_pseudonym_that_nobody_finds_without_the_salt(tmp_path: Path) -> None:
    mapping = 'salt = "SALT"\n' + MAPPING.replace('{ column = "person" }', '{ hash = "person" }')
    files = write(tmp_path, sales=HEADER + "o-1,3201234567890123,c-1,2020-05-01,1\n")
    people = [
        prepared(tmp_path, mapping, files, salt=salt).all("beneficiary_id")
        for salt in (b"one" * 8, b"one" * 8, b"two" * 8)
    ]
    assert people[0] == people[1] != people[2]
    assert [len(one) for one in people[0]] == [32]
    assert b"3201234567890123" not in (tmp_path / "events").read_bytes()


def test_parquet_is_read_as_csv_is_and_its_rows_are_named_by_their_number(tmp_path: Path) -> None:
    table = pa.table(
        {
            "order": ["o-1", "o-2", "o-3"],
            "person": ["b-1", "b-2", "b-3"],
            "course": ["c-1", "c-1", None],
            "day": [datetime(2020, 5, day, tzinfo=UTC).date() for day in (2, 1, 3)],
            "price": [100_000.0, 100_000.0, 1.0],
            "unused": [[1], [2], [3]],
        }
    )
    pq.write_table(table, tmp_path / "sales.parquet")
    parquet = prepared(tmp_path, MAPPING.replace("sales.csv", "sales.*"), [tmp_path / "sales.parquet"])
    csv = prepared(tmp_path, MAPPING, write(tmp_path, sales=SALES))
    assert parquet.events == csv.events
    assert parquet.said == ["sales.parquet:3: CoursePurchased: course_id: course is empty"]
