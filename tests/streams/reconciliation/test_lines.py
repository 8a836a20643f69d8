"""How somebody else's file becomes lines, and which of them is which of ours."""

import re
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from dompet.streams.parsing.unpacked import BadLine
from dompet.streams.reconciliation.mapping import Layout, MappingError, read_mapping
from dompet.streams.reconciliation.matching import NAMES, match
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.settlement.period import Period

APRIL = Period.parsed("2020-04-01", "2020-04-30")
LAYOUT = {"order_id": "order", "amount": "paid"}

Line = tuple[str, str, int]
"""Order, person, amount."""


def side(lines: list[Line]) -> pa.Table:
    order, people, amounts = zip(*lines, strict=True) if lines else ((), (), ())
    return pa.table(
        {
            "order_id": pa.array(order, pa.string()),
            "beneficiary_id": pa.array(people, pa.string()),
            "amount": pa.array(amounts, pa.int64()),
            "refund": pa.array([amount < 0 for amount in amounts], pa.bool_()),
        }
    )


def paired(theirs: list[Line], ours: list[Line], *, by_person: bool) -> list[tuple[str, int, int]]:
    """Status, row of theirs, row of ours, by plain loops."""
    found: list[tuple[str, int, int]] = []
    keys: dict[object, tuple[list[int], list[int]]] = {}
    for at, lines in enumerate((theirs, ours)):
        for row, (order, who, amount) in enumerate(lines):
            keys.setdefault((order, who if by_person else "", amount < 0), ([], []))[at].append(row)
    for mine, yours in ((theirs_of, ours_of) for theirs_of, ours_of in keys.values()):
        left, right = list(mine), list(yours)
        for row in mine:
            same = next((other for other in right if ours[other][2] == theirs[row][2]), None)
            if same is not None:
                found.append(("matched", row, same))
                left.remove(row)
                right.remove(same)
        differing = list(zip(left, right, strict=False))
        found += [("amount_differs", row, other) for row, other in differing]
        extra = left[len(differing) :]
        found += [("only_theirs" if not yours and row == mine[0] else "twice_in_theirs", row, -1) for row in extra]
        found += [("only_ours", -1, other) for other in right[len(differing) :]]
    return sorted(found)


def added_up(theirs: list[Line], ours: list[Line]) -> dict[object, tuple[str, int, int]]:
    """By key, where both sides have something left once equal amounts are paired: the status, and how many of each."""
    left: dict[object, tuple[list[int], list[int]]] = {}
    for status, row, other in paired(theirs, ours, by_person=False):
        for at, line in ((0, theirs[row] if row >= 0 else None), (1, ours[other] if other >= 0 else None)):
            if status != "matched" and line:
                left.setdefault((line[0], line[2] < 0), ([], []))[at].append(line[2])
    return {
        key: ("matched" if sum(mine) == sum(yours) else "amount_differs", len(mine), len(yours))
        for key, (mine, yours) in left.items()
        if mine and yours
    }


@pytest.mark.parametrize("seed", range(40))
def test_several_lines_of_one_order_are_added_up_where_the_mapping_says_so(seed: int) -> None:
    rng = Random(seed)
    theirs, ours = (
        [(rng.choice("abc"), "", rng.choice((1, 2, 3, 5, -2))) for _ in range(rng.randrange(9))] for _ in "12"
    )
    matches = match(side(theirs), side(ours), by_person=False, add_up=True)
    assert sorted(matches.theirs[matches.theirs >= 0]) == list(range(len(theirs)))
    assert sorted(matches.ours[matches.ours >= 0]) == list(range(len(ours)))
    exact = {pair[1:] for pair in paired(theirs, ours, by_person=False) if pair[0] == "matched"}
    found: dict[object, tuple[str, int, int]] = {}
    for status, row, other in zip(matches.status, matches.theirs, matches.ours, strict=True):
        line = theirs[row] if row >= 0 else ours[other]
        if (row, other) not in exact and NAMES[status] in ("matched", "amount_differs"):
            _, mine, yours = found.get((line[0], line[2] < 0), ("", 0, 0))
            found[line[0], line[2] < 0] = NAMES[status], mine + (row >= 0), yours + (other >= 0)
    assert found == added_up(theirs, ours)


@pytest.mark.parametrize("seed", range(60))
def test_lines_are_paired_as_plain_loops_pair_them(seed: int) -> None:
    rng = Random(seed)
    theirs, ours = (
        [(rng.choice("abcdefg"), rng.choice("pq"), rng.choice((5, 6, -5, 0))) for _ in range(rng.randrange(14))]
        for _ in range(2)
    )
    for by_person in (True, False):
        matches = match(side(theirs), side(ours), by_person=by_person)
        found = zip(matches.status.tolist(), matches.theirs.tolist(), matches.ours.tolist(), strict=True)
        assert sorted((NAMES[status], their, our) for status, their, our in found) == paired(
            theirs, ours, by_person=by_person
        )


def layout(**more: object) -> Layout:
    return Layout.model_validate(LAYOUT | more)


def read(path: Path, text: str | bytes, **more: object) -> list[tuple[object, ...]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    blocks = StatementFile(path, layout(**more), APRIL).blocks()
    return [tuple(row.values()) for block in blocks for row in block.to_pylist()]


def test_a_file_is_read_as_its_mapping_says(tmp_path: Path) -> None:
    assert read(
        tmp_path / "a.csv",
        '\ufeffday;paid;order;who;what\r\n03/04/2020; 350.000,00 ;" INV/1 ";b-1;SALE\r\n\r\n'
        '01/05/2020;1;x;b-2;SALE\r\n30/04/2020;"1.000";INV/é;b-3;REFUND\r\n',
        separator=";", thousands=".", decimal=",", date="day", date_format="%d/%m/%Y", beneficiary_id="who",
        refund_column="what", refund_value="REFUND", trim=True,
    ) == [("INV/1", "b-1", 350_000, False, 2), ("INV/é", "b-3", -1000, True, 5)]  # fmt: skip
    assert read(tmp_path / "b.csv", "order,paid\n1,-5\n2,+7.0\n3,0") == [
        ("1", "", -5, True, 2), ("2", "", 7, False, 3), ("3", "", 0, False, 4),
    ]  # fmt: skip


def test_no_line_is_invented_where_a_value_of_many_lines_lies_across_two_blocks(tmp_path: Path) -> None:
    note = "first line of a note\n" + "Ref 77,123456,paid\n" * 5_000
    text = "order,paid,note\n" + "".join(f'INV/{number},350000,"{note}"\n' for number in range(100))
    assert len(text) > 8 << 20
    lines = read(tmp_path / "a.csv", text)
    assert lines == [(f"INV/{number}", "", 350_000, False, 2 + 5_002 * number) for number in range(100)]


NO_DAY = "date '{}' in column 'day' is no day written as %Y-%m-%d"
DAY_FIRST = {"date": "day", "date_format": "%d/%m/%Y"}


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("order,paid\n1,5\n2,1.5\n", {}, "3: amount '1.5' in column 'paid' is no whole number of rupiah"),
        ("order,paid\n1,5\n\n2,\n", {}, "4: amount '' in column 'paid' is no whole number of rupiah"),
        (
            "order,paid\n1,1.5\n",
            {"thousands": ".", "decimal": ","},
            "2: amount '1.5' in column 'paid' is no whole number of rupiah",
        ),
        ("order,paid\n1,350.000\n", {}, "2: amount '350.000' in column 'paid' is no whole number of rupiah"),
        (
            "order,paid\n1,1.0000\n",
            {"thousands": ".", "decimal": ","},
            "2: amount '1.0000' in column 'paid' is no whole number of rupiah",
        ),
        (
            "order,paid\n1,-9223372036854775808\n",
            {},
            "2: amount '-9223372036854775808' in column 'paid' is of more than 1000000000000 rupiah",
        ),
        (
            "order,paid\n1,1000000000001\n",
            {},
            "2: amount '1000000000001' in column 'paid' is of more than 1000000000000 rupiah",
        ),
        (
            "order,paid\n1,99999999999999999999\n",
            {},
            "2: amount '99999999999999999999' in column 'paid' is no whole number of rupiah",
        ),
        ("order,paid\n,5\n", {}, "2: no order id in column 'order'"),
        (f"order,paid\n{'x' * 65},5\n", {}, "2: order id '" + 40 * "x" + "…' in column 'order' has more than 64 bytes"),
        ("order,paid\n1,5\n2\n", {}, "3: the row has 1 values; the header has 2"),
        ("order,sum\n1,5\n", {}, "1: has no column 'paid'; its columns are order, sum"),
        ("order,paid,paid\n1,5,5\n", {}, "1: has more than one column 'paid'; its columns are order, paid, paid"),
        ("", {}, "1: has no column 'order'; its columns are none"),
        (b"order,paid\n1,5\n\xff,5\n", {}, "3: the row is not UTF-8 text"),
        ("order,paid,day\n1,5,2020-13-01\n", {"date": "day"}, f"2: {NO_DAY.format('2020-13-01')}"),
        ("order,paid,day\n1,5,2020-4-1\n1,5,2020-04-31\n", {"date": "day"}, f"3: {NO_DAY.format('2020-04-31')}"),
        ("order,paid,day\n1,5,2020-02-30\n", {"date": "day"}, f"2: {NO_DAY.format('2020-02-30')}"),
        ("order,paid,day\n1,5,1/5/20\n", DAY_FIRST, "2: date '1/5/20' in column 'day' is no day written as %d/%m/%Y"),
    ],
)
def test_a_bad_line_is_reported_with_its_place(tmp_path: Path, text: str, more: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadLine) as refused:
        read(tmp_path / "a.csv", text, **more)
    assert str(refused.value) == f"{tmp_path / 'a.csv'}:{sentence}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "1: statement: field required"),
        ("[statement]\norder_id = 'a'", "1: statement: amount is missing: which column holds the amount"),
        ("[statement]\norder_id = 'a'\namount = 'b'\nsep = ';'", "4: statement.sep: extra inputs are not permitted"),
        (
            "# ours\n[statement]\norder_id = 'a'\namount = 'b'\nthousands = '.'",
            "2: statement: decimal and thousands are both '.'",
        ),
        (
            "[statement]\norder_id = 'a'\namount = 'b'\n\n[bank]\norder_id = 'a'",
            "5: bank: amount is missing: which column holds the amount",
        ),
        ("[statement]\norder_id = 'a'\namount = 3", "3: statement.amount: input should be a valid string"),
        (
            "[statement]\norder_id = 'a'\namount = 'b'\ndate_format = '%d %z'",
            "4: statement.date_format: '%d %z' names a zone; days are those of Asia/Jakarta",
        ),
        ("\n[statement", "2: not valid TOML: Expected ']' at the end of a table declaration (at end of document)"),
        ("[statement]\nx", "2: not valid TOML: Expected '=' after a key in a key/value pair (at end of document)"),
        ("[statement]\nx\n", "2: not valid TOML: Expected '=' after a key in a key/value pair (at line 2, column 2)"),
        ("[statement]\namount = '\udcff'", "1: the mapping is not UTF-8 text"),
    ],
)
def test_a_mapping_that_does_not_hold_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "map.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(MappingError) as refused:
        read_mapping(path)
    assert str(refused.value) == f"{path}:{sentence}"


@pytest.mark.parametrize("text", ["x = " + "9" * 5000, "x = " + "[" * 3000])
def test_a_mapping_beyond_all_measure_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(MappingError, match=f"^{re.escape(str(path))}:1: not a mapping: "):
        read_mapping(path)
