"""Text from outside is shown, and not obeyed."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.streams.process.visible import visible


@given(st.text())
def test_what_is_shown_has_no_character_that_a_terminal_obeys(text: str) -> None:
    assert not {unicodedata.category(one) for one in visible(text)} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_what_can_be_read_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("Rp \u202e000.05", "Rp \\u202e000.05"),
        ("INV\u200b-1\ufeff", "INV\\u200b-1\\ufeff"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\U000e0041", "\\U000e0041"),
        (chr(sys.maxunicode), "\\U0010ffff"),
        ("kursus\u00a0é🎓", "kursus\u00a0é🎓"),
    ],
)
def test_escapes_marks_and_invisible_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_line_breaks_stay_where_they_may() -> None:
    assert visible("a\nb\r", allowed="\n") == "a\nb\\r"
