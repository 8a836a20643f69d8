"""Whole numbers: what is written is read, and what could be read in two ways is not read at all."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas.limits import INT64_MAX, INT64_MIN
from dompet.streams.parsing.numbers import Notation, whole_number

EURO = Notation(",", ".", plus=("CR", "K"), minus=("DB", "D"))
NOTATIONS = [
    Notation(),
    Notation(".", ","),
    EURO,
    Notation(",", " "),
    Notation(".", "'"),
    Notation(",", "", (), ("DB",)),
]


@pytest.mark.parametrize(
    ("notation", "text", "value"),
    [
        (EURO, "350.000,00", 350_000),
        (EURO, "350000,0", 350_000),
        (EURO, "Rp350.000,-", 350_000),
        (EURO, "Rp. 350.000,--", 350_000),
        (EURO, "-Rp 350.000,-", -350_000),
        (EURO, "Rp -350.000", -350_000),
        (EURO, "350.000 IDR", 350_000),
        (EURO, "(500.000)", -500_000),
        (EURO, "(Rp 500.000,00)", -500_000),
        (EURO, "500000-", -500_000),
        (EURO, "−500.000", -500_000),
        (EURO, "－5", -5),
        (EURO, "+7", 7),
        (EURO, "500.000,00 DB", -500_000),
        (EURO, "cr 500.000", 500_000),
        (EURO, "\u00a0350.000\u202f", 350_000),
        (Notation(".", ","), "1,350,000.00", 1_350_000),
        (Notation(",", " "), "1\u00a0350 000,00", 1_350_000),
        (Notation(), "350000.0000", 350_000),
        (Notation(), "1350.000", 1350),
        (Notation(), "0", 0),
    ],
)
def test_what_banks_and_platforms_write_is_read(notation: Notation, text: str, value: int) -> None:
    assert notation.read(text) == value


@pytest.mark.parametrize(
    ("notation", "texts"),
    [
        (EURO, ["350.00", "12.5", "3.5.0", "...7", "350000.00", ".350", "350.", "1.0000", "1350.000", "1.350.00"]),
        (EURO, ["350.000,50", "350.000.5", "350,000", "3,000,000"]),
        (EURO, ["-500-", "(-500)", "(500", "500)", "-500 DB", "500 DB CR", "D 500 DB", "--500", "- -500", "Rp Rp 5"]),
        (
            EURO,
            [
                "",
                " ",
                "-",
                "()",
                "Rp",
                ",-",
                "DB",
                "5 5",
                "5e3",
                "3,5E+05",
                "0x5",
                "٣٥٠",
                "５",
                "5\u200b",
                "USD 5",
                "5%",
            ],
        ),
        (Notation(), ["350.000", "1.000", "350,000", "350 000", "1_000"]),
        (Notation(".", ","), ["350.000", "3,50,000"]),
    ],
)
def test_what_is_no_whole_number_for_certain_is_not_read(notation: Notation, texts: list[str]) -> None:
    assert {text: notation.read(text) for text in texts} == dict.fromkeys(texts)


@given(value=st.integers(INT64_MIN, INT64_MAX), notation=st.sampled_from(NOTATIONS), data=st.data())
def test_every_amount_is_read_as_it_was_written(value: int, notation: Notation, data: st.DataObject) -> None:
    digits = f"{abs(value):,}".replace(",", notation.grouping) if data.draw(st.booleans()) else str(abs(value))
    digits += data.draw(st.sampled_from(["", f"{notation.decimal}00", f"{notation.decimal}-", f"{notation.decimal}0"]))
    currency = data.draw(st.sampled_from(["", "Rp", "Rp ", "IDR ", "rp."]))
    forms = ["-{c}{d}", "{c}-{d}", "({c}{d})", "−{c}{d}"] if value < 0 else ["{c}{d}", "+{c}{d}", " {c}{d} "]
    if value < 0 and not digits.endswith("-"):
        forms.append("{c}{d}-")
    if value < 0 and notation.minus:
        forms.append(f"{{c}}{{d}} {notation.minus[0].lower()}")
    text = data.draw(st.sampled_from(forms)).format(c=currency, d=digits)
    assert notation.read(text) == value


def by_hand(text: str, notation: Notation) -> int | None:
    """Digits and marks alone, by cutting: the whole at the decimal mark, its groups at the grouping mark."""
    whole, _, zeros = text.partition(notation.decimal)
    groups = whole.split(notation.grouping) if notation.grouping else [whole]
    if not all(group.isdigit() for group in groups) or set(zeros) - {"0"}:
        return None
    grouped = len(groups) > 1
    if grouped and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    if len(zeros) == 3 and len("".join(groups)) <= 3:
        return None
    return int("".join(groups))


@settings(max_examples=500)
@given(text=st.text("0123450000.,' ", max_size=12), notation=st.sampled_from(NOTATIONS))
def test_digits_and_marks_are_read_as_by_hand(text: str, notation: Notation) -> None:
    assert notation.read(text) == by_hand(text.strip(), notation)


@given(
    texts=st.lists(st.text("0123.,-()−DBCRp \u00a0", max_size=9) | st.integers().map(str), max_size=20),
    notation=st.sampled_from(NOTATIONS),
)
def test_a_column_is_read_as_its_texts_are_one_by_one(texts: list[str], notation: Notation) -> None:
    good, values = notation.column(pa.array(texts, pa.string()))
    expected = [notation.read(text) for text in texts]
    assert good.tolist() == [value is not None for value in expected]
    assert values.tolist() == [value or 0 for value in expected]


@pytest.mark.parametrize(
    ("text", "value"),
    [("350000", 350_000), ("350000.00", 350_000), ("-5", -5), ("+5.", 5), ("007", 7), (" 5 ", 5), ("350.000", None)]
    + [(text, None) for text in ("", "5-", "(5)", "Rp5", "5,0", "1,000", "5.5", "٣", "5e3", "9223372036854775808")],
)
def test_a_plain_number_has_no_other_signs(text: str, value: int | None) -> None:
    assert whole_number(text) == value
