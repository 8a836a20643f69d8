"""Rows of an export joined to those of other files."""

from pathlib import Path

import pytest

from tests.support.importing import MAPPING, SALES, prepared, write

JOINED = MAPPING.replace(
    "[fields]",
    """join = [{ input = "courses", on = ["course"] }]
[inputs.courses]
file = "courses.csv"
key = ["code"]
number = { within = ["level"], by = "rank" }
[fields]""",
).replace('price = { column = "price" }', 'price = { column = "courses.cost" }\n')
COURSES = "code,level,rank,cost\nc-0,a,9,1\nc-1,a,10,55\nc-2,b,1,1\n"


def test_columns_of_another_file_are_joined_by_its_key(tmp_path: Path) -> None:
    mapped = prepared(tmp_path, JOINED, write(tmp_path, sales=SALES, courses=COURSES))
    assert (mapped.said, mapped.all("price")) == ([], [55, 55])


def test_rows_of_a_joined_file_are_numbered_by_numbers_as_numbers(tmp_path: Path) -> None:
    mapping = JOINED.replace("courses.cost", "courses.number")
    mapped = prepared(tmp_path, mapping, write(tmp_path, sales=SALES, courses=COURSES))
    assert mapped.all("price") == [2, 2]  # 9 before 10


@pytest.mark.parametrize(
    ("missing", "said", "orders"),
    [
        ("", ["sales.csv:4: no row of courses has the key course c-9"], ["o-2", "o-1"]),
        (', missing = "skip"', [], ["o-2", "o-1"]),
        (
            ', missing = "empty"',
            ["sales.csv:4: CoursePurchased: price: courses.cost is empty"],
            ["o-2", "o-1"],
        ),
    ],
)
def test_a_row_without_its_partner_is_bad_or_left_out_or_has_empty_columns(
    tmp_path: Path, missing: str, said: list[str], orders: list[str]
) -> None:
    mapping = JOINED.replace('on = ["course"]', f'on = ["course"]{missing}')
    files = write(tmp_path, sales=SALES + "o-3,b-3,c-9,2020-05-01,1\n", courses=COURSES)
    mapped = prepared(tmp_path, mapping, files)
    assert (mapped.said, mapped.all("order_id")) == (said, orders)


def test_a_key_that_is_there_twice_or_is_empty_is_a_bad_row(tmp_path: Path) -> None:
    files = write(tmp_path, sales=SALES, courses=COURSES + "c-1,a,3,77\n,a,3,77\n")
    mapped = prepared(tmp_path, JOINED, files)
    assert mapped.said == [
        f"courses.csv:5: the key (code) is at {tmp_path}/courses.csv:3 already",
        "courses.csv:6: the key (code) is empty in part",
    ]
    assert mapped.all("price") == [55, 55]
