"""Whole numbers as people, banks and programs write them: read for certain, or not at all.

A number has its digits together, or in groups of three after the first one to three; behind the decimal mark are only
zeros, or the dash of Rp350.000,-. Three zeros are refused there where they could be a group: for many, 350.000 is 350
thousand.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dompet.schemas.limits import INT64_MAX, INT64_MIN

SPACES: Final = " \u00a0\u2007\u2009\u202f"
"""As they are in numbers: plain, no-break, a figure's, thin, narrow no-break."""
MINUS: Final = "-−﹣－"
"""The hyphen, and what Unicode calls a minus."""
_CURRENCY: Final = re.compile(r"rp\.?|idr")
_ZEROS: Final = 3
_AMBIGUOUS_DIGITS: Final = 3
_PLAIN: Final = r"^-?[0-9]{1,18}$"
_WHOLE: Final = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,19})(?:\.(?P<zeros>0*))?")


@dataclass(frozen=True)
class Notation:
    """How amounts are written: the marks, and the words beside an amount, in any case, that say which sign it has."""

    decimal: str = "."
    grouping: str = ""
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()

    def read(self, text: str) -> int | None:
        """The amount; None where this is no whole number for certain, or beyond 64 bits.

        >>> [Notation(",", ".").read(text) for text in ("Rp350.000,-", "350.00", "(500.000)", "500000-")]
        [350000, None, -500000, -500000]
        """
        found = self._form.fullmatch(text.strip(SPACES + "\t"))
        sign = self._sign(found["head"], found["tail"]) if found else None
        if found is None or sign is None:
            return None
        return _bounded(sign, re.sub("[^0-9]", "", found["whole"]), found["zeros"])

    def column(self, texts: pa.Array) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Of each text whether it is a whole number, and which; 0 where it is none."""
        each = texts.dictionary_encode()
        plain = pc.match_substring_regex(each.dictionary, _PLAIN)
        values = pc.if_else(plain, each.dictionary, "0").cast(pa.int64()).to_numpy().copy()
        good = plain.to_numpy(zero_copy_only=False).copy()
        for at in np.flatnonzero(~good):
            if (value := self.read(each.dictionary[int(at)].as_py())) is not None:
                good[at], values[at] = True, value
        which = each.indices.to_numpy()
        return good[which], values[which]

    @cached_property
    def _form(self) -> re.Pattern[str]:
        mark = f"[{SPACES}]" if self.grouping == " " else re.escape(self.grouping)
        groups = f"|[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" if mark else ""
        decimals = rf"(?:{re.escape(self.decimal)}(?:[-–—−]{{1,2}}|(?P<zeros>0*)))?"
        return re.compile(rf"(?P<head>[^0-9]*)(?P<whole>[0-9]+{groups}){decimals}(?P<tail>[^0-9]*)")

    def _sign(self, head: str, tail: str) -> int | None:
        """1 or -1, by what is before and behind the digits; None where it is neither sign nor currency."""
        before, behind = (re.sub(f"[{SPACES}]", "", one).casefold() for one in (head, tail))
        if not self._says(before + behind):
            before, many = _CURRENCY.subn("", before)
            behind, more = _CURRENCY.subn("", behind)
            if many + more > 1:
                return None
        if (before, behind) == ("(", ")"):
            return -1
        return None if before and behind else self._says(before + behind)

    def _says(self, mark: str) -> int | None:
        if mark in ("", "+") or mark in _folded(self.plus):
            return 1
        return -1 if mark in (*MINUS, *_folded(self.minus)) else None


def is_mark(text: str) -> bool:
    """Whether a character may set digits apart: none that a number has anyway."""
    return not text.isalnum() and text not in f'+()"{MINUS}'


def whole_number(text: str) -> int | None:
    """A number without grouping, currency or other signs than a leading + or -, as 350000 or 350000.00; else None."""
    found = _WHOLE.fullmatch(text.strip(SPACES + "\t"))
    return _bounded(-1 if found["sign"] == "-" else 1, found["whole"], found["zeros"]) if found else None


def _bounded(sign: int, digits: str, zeros: str | None) -> int | None:
    if zeros is not None and len(zeros) == _ZEROS and len(digits) <= _AMBIGUOUS_DIGITS:
        return None
    value = sign * int(digits) if len(digits.lstrip("0")) <= len(str(INT64_MAX)) else INT64_MAX + 1
    return value if INT64_MIN <= value <= INT64_MAX else None


def _folded(words: tuple[str, ...]) -> list[str]:
    return [re.sub(f"[{SPACES}]", "", word).casefold() for word in words]
