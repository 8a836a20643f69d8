"""Texts from outside as a sentence shows them: in quotes, printable, and not more than a line of them."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

SHOWN_MAX: Final = 40
_NAMES_MAX: Final = 30


def shown(text: str, most: int = SHOWN_MAX) -> str:
    """A text in quotes; what is not printable is written as its code.

    >>> shown("a\\x1b[31m\\u200b")
    "'a\\\\x1b[31m\\\\u200b'"
    """
    return repr(text if len(text) <= most else f"{text[:most]}…")


def listed(names: Iterable[str]) -> str:
    """Names one after another: as they are, or in quotes where something in them could not be seen; `none`."""
    every = list(names)
    more = f" and {len(every) - _NAMES_MAX} more" if len(every) > _NAMES_MAX else ""
    return (", ".join(_plain(name) for name in every[:_NAMES_MAX]) or "none") + more


def near(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The known names that are most like this one, whatever their case and the blanks around them."""
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(one.strip().casefold(), one)
    return [folded[one] for one in get_close_matches(name.strip().casefold(), folded, n=most)]


def place(path: Path, line: int) -> str:
    """`file:line`, printable."""
    name = str(path)
    return f"{name if name.isprintable() else repr(name)}:{line}"


def _plain(name: str) -> str:
    usual = name.isprintable() and name == name.strip() and name and "," not in name and len(name) <= SHOWN_MAX
    return name if usual else shown(name)
