"""Statements in the shapes that banks and platforms send: each is read as its mapping says, or refused by its line."""

import gzip
from pathlib import Path

import pytest

from tests.support.statements import amounts, statement

TWO = {"INV-1": 350_000, "INV-2": 500_000}
EURO = {"thousands": ".", "decimal": ","}


SHAPES: dict[str, tuple[str, dict[str, object]]] = {
    "a column of sales and one of refunds": (
        "date,order,debit,credit\n2020-04-11,INV-1,,350000\n2020-04-12,INV-2,0.00,500000\n2020-04-13,INV-2,500000,\n",
        {"amount": "credit", "refund_amount": "debit"},
    ),
    "refunds below zero in a column of their own": (
        "order,in,out\nINV-1,350000,\nINV-2,500000,\nINV-2,,-500000\n",
        {"amount": "in", "refund_amount": "out"},
    ),
    "a column that says debit or credit": (
        "order,paid,dbcr\nINV-1,350000,CR\nINV-2,500000,cr\nINV-2,500000,Db \n",
        {"refund_column": "dbcr", "refund_value": ["DB", "D"]},
    ),
    "a word beside the amount": (
        'order,paid\nINV-1,"350,000.00 CR"\nINV-2,"500,000.00"\nINV-2,"500,000.00 db"\n',
        {"thousands": ",", "plus": ["CR"], "minus": ["DB"]},
    ),
    "a refund's word by a pattern": (
        "order,paid,kind\nINV-1,350000,SALE\nINV-2,500000,Penjualan\nINV-2,500000,Retur sebagian\n",
        {
            "refund_when": {"column": "kind", "matches": "(?i)^(refund|retur)"},
            "sale_when": {"column": "kind", "among": ["SALE", "Penjualan"]},
        },
    ),
    "brackets": ("order,paid\nINV-1,350000\nINV-2,500000\nINV-2,(500000)\n", {}),
    "a minus behind": ("order,paid\nINV-1,350000\nINV-2,500000\nINV-2,500000-\n", {}),
    "Unicode's minus": ("order,paid\nINV-1,350000\nINV-2,500000\nINV-2,\u2212500000\n", {}),
    "rupiah": (
        "order;paid\nINV-1;Rp350.000,-\nINV-2;Rp 500.000,00\nINV-2;-Rp\u00a0500.000,-\n",
        {"separator": ";", **EURO},
    ),
    "no-break spaces between groups": (
        "order;paid\nINV-1;350\u00a0000,00\nINV-2;\u00a0500\u202f000\u00a0\nINV-2;-500 000\n",
        {"separator": ";", "thousands": " ", "decimal": ","},
    ),
    "lines before the header": (
        '"Account";"123"\n\n"Period";"April"\n"order";"paid"\n"INV-1";"350.000"\n"INV-2";"500.000"\n"INV-2";"-500.000"\n',
        {"separator": ";", **EURO},
    ),
    "a line that names the separator": ("sep=;\norder;paid\nINV-1;350000\nINV-2;500000\nINV-2;-500000\n", {}),
    "a last line with a total": (
        "order,paid\nINV-1,350000\nINV-2,500000\nINV-2,-500000\nTOTAL,350000\n",
        {"leave_out": [{"column": "order", "among": ["TOTAL"]}]},
    ),
    "lines after the last": (
        'order,paid,note\nINV-1,350000,\nINV-2,500000,\nINV-2,-500000,\n\nTotal: 350000\n"signed, the bank\n',
        {"ends_at": [{"column": "order", "matches": "^Total"}]},
    ),
    "fees": (
        "order,paid\nINV-1,350000\n,-6500\nINV-2,500000\nINV-2,-500000\n",
        {"leave_out": [{"column": "order", "present": False}]},
    ),
    "a comma at the end of each line": ("order,paid,\nINV-1,350000,\nINV-2,500000,\nINV-2,-500000,\n", {}),
    "quotes escaped": (
        'order,paid,note\nINV-1,350000,12" laptop\nINV-2,500000,"he said ""x"""\nINV-2,-500000,"a \\"b\\" c"\n',
        {"escape": "\\"},
    ),
    "Excel's texts": (
        'order,paid\n\'INV-1,350000\n"=""INV-2""",500000\n="INV-2","=""-500000"""\n',
        {"excel_text": True},
    ),
    "blanks at the ends": (
        "\u200border\u00a0,paid \nINV-1 ,350000\n\ufeffINV-2, 500000\n INV-2\t,-500000 \n",
        {"trim": True},
    ),
    "names of months": (
        "order,paid,day\nINV-1,350000,11 Apr 2020\nINV-2,500000,12 Mei 2020\nINV-2,-500000,13 may 2020\n",
        {"date": "day", "date_format": "%d %b %Y"},
    ),
    "days of the week": (
        'order,paid,day\nINV-1,350000,"Sabtu, 11 April 2020"\nINV-2,500000,"Sunday, 12 Apr. 2020"\n'
        'INV-2,-500000,"Sen, 13 april 2020"\n',
        {"date": "day", "date_format": "%A, %d %B %Y"},
    ),
    "a.m. and p.m.": (
        "order,paid,day\nINV-1,350000,11/04/2020 9:05:00 PM\nINV-2,500000,31/05/2020 11:59:59 p.m.\n"
        "INV-2,-500000,1/4/2020 12:00:00 AM\n",
        {"date": "day", "date_format": "%d/%m/%Y %I:%M:%S %p"},
    ),
    "a time behind the day": (
        "order,paid,day\nINV-1,350000,2020-04-11T08:00:00\nINV-2,500000,2020-05-31 23:59:59.5\n"
        "INV-2,-500000,2020-04-11\n",
        {"date": "day"},
    ),
    "a day only on the first line of each": (
        "order,paid,day\nINV-0,1,2020-03-31\nINV-00,1,\nINV-1,350000,2020-04-11\nINV-2,500000,\nINV-2,-500000,\n",
        {"date": "day", "undated": "as_above"},
    ),
    "lines without a day": (
        "order,paid,day\nINV-1,350000,2020-04-11\nINV-2,500000,\nINV-2,-500000, \n",
        {"date": "day", "undated": "inside"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_read_as_its_mapping_says(tmp_path: Path, shape: str) -> None:
    text, keys = SHAPES[shape]
    lines = amounts(statement(tmp_path / "a.csv", text.encode(), keys))
    assert [line[:2] for line in lines] == [*TWO.items(), ("INV-2", -500_000)]
    assert all(order in text.splitlines()[line - 1] for order, _, line in lines)


PLAIN = "order,paid,note\nINV-1,350000,café\nINV-2,500000,€\n"


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (PLAIN.encode("utf-16"), {}),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be"), {}),
        (PLAIN.encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (PLAIN.encode("cp1252"), {"encoding": "cp1252"}),
        (gzip.compress(PLAIN.encode(), mtime=0), {}),
        (gzip.compress(PLAIN.encode("utf-16"), mtime=0), {}),
        (PLAIN.encode("utf-8-sig"), {}),
    ],
)
def test_a_file_is_read_in_its_encoding_and_unpacked(tmp_path: Path, data: bytes, keys: dict[str, str]) -> None:
    assert amounts(statement(tmp_path / "a.csv", data, keys)) == [("INV-1", 350_000, 2), ("INV-2", 500_000, 3)]


def test_lines_that_are_left_out_are_counted_with_what_they_are_worth(tmp_path: Path) -> None:
    text = "order,paid\nINV-1,350000\n,-6500\n,-1500\n,free\nTOTAL,342000\nall,the,rest\n"
    ends = {"ends_at": [{"column": "order", "among": ["TOTAL"]}], "leave_out": [{"column": "order", "present": False}]}
    file = statement(tmp_path / "a.csv", text.encode(), ends)
    assert amounts(file) == [("INV-1", 350_000, 2)]
    assert (file.left_out.lines, file.left_out.amount, file.left_out.unread) == (3, -8_000, 1)
    assert file.unread_from == 6
