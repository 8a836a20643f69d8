"""Statements of which something is not certain, or that are something else: refused by file and line, printably."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest

from dompet.streams.parsing.unpacked import BadLine
from tests.support.statements import amounts, statement

IN_AND_OUT = {"amount": "in", "refund_amount": "out"}


def refusal(path: Path, text: str, keys: Mapping[str, object]) -> str:
    with pytest.raises(BadLine) as refused:
        amounts(statement(path, text.encode(), keys))
    return str(refused.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "keys", "sentence"),
    [
        ("order,in,out\n1,5,5\n", IN_AND_OUT, "2: each of 'in' and 'out' holds an amount"),
        ("order,in,out\n1,,\n", IN_AND_OUT, "2: neither of 'in' and 'out' holds an amount"),
        (
            "order,in,out\n1,-5,\n",
            IN_AND_OUT,
            "2: amount '-5' in column 'in' is below zero, and is no refund",
        ),
        (
            "order,in,out\n1,,5\n2,,-5\n",
            IN_AND_OUT,
            "3: the refund '-5' in column 'out' is below zero, and that on line 2 above",
        ),
        (
            "order,paid,kind\n1,5,Refund\n2,-5,SALE\n",
            {"refund_column": "kind", "refund_value": "REFUND"},
            "3: amount '-5' in column 'paid' is below zero, and is no refund",
        ),
        (
            "order,paid,kind\n1,5,SALE\n2,5,Reufnd\n",
            {
                "refund_when": {"column": "kind", "matches": "(?i)refund"},
                "sale_when": {"column": "kind", "among": ["SALE"]},
            },
            "3: 'Reufnd' in column 'kind' does not say whether it is a refund",
        ),
        (
            'order,paid,day\n1,5,"Minggu, 11 April 2020"\n',
            {"date": "day", "date_format": "%A, %d %B %Y"},
            "2: date 'Minggu, 11 April 2020' in column 'day' is no day written as %A, %d %B %Y",
        ),
        (
            "order,paid,day\n1,5,\n2,5,2020-04-11\n",
            {"date": "day", "undated": "as_above"},
            "2: date '' in column 'day' is no day written as %Y-%m-%d",
        ),
        ("order,paid\n,-6500,\n", {}, "2: the row has 3 values; the header has 2"),
        ("order,paid\n,-6500\n", {}, "2: no order id in column 'order'"),
        (
            'order,paid,note\n1,5,"a \\"b\\" c"\n',
            {},
            "2: the row is not CSV: ',' expected after '\"' (a quote within a quoted value; it must be doubled, or "
            "escaped as `escape` says)",
        ),
        (
            "sep=;\norder;paid\n1;5\n",
            {"separator": ","},
            "1: the file says sep=;, and the mapping that the separator is ','",
        ),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_refused_by_its_line(
    tmp_path: Path, text: str, keys: dict[str, object], sentence: str
) -> None:
    assert refusal(tmp_path / "a.csv", text, keys) == sentence


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04" + bytes(40), "1: the workbook cannot be read: "),
        (b"\xd0\xcf\x11\xe0" + bytes(40), "1: the file is an Excel file of the old kind (.xls), or with a password: "),
        (b"%PDF-1.4\n", "1: the file is a PDF, which has no columns"),
        (b"\xef\xbb\xbf\n<html><table>", "1: the file is a web page or XML, whatever its name"),
        (b"o\0r\0d\0e\0r\0,\0", "1: the file is no text, or UTF-16 without its mark"),
        (gzip.compress(b"order,paid\n1,5\n" * 400, mtime=0)[:-9], "1: the gzip file is damaged or cut off: "),
        ("order,paid\nINV-1,5\nINV-é,5\n".encode("cp1252"), "3: the row is not UTF-8 text"),
        (b"\xff\xfeo", "1: the header cannot be read: the row is not UTF-16 text"),
    ],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(BadLine) as refused:
        amounts(statement(path, data, {}))
    assert str(refused.value).removeprefix(f"{path}:").startswith(says)
    assert str(refused.value).isprintable()
