"""Secrets that this process knows, taken out of every sentence and log line where those are made."""

import re
from collections.abc import Iterable
from typing import Final

HIDDEN: Final = "***"
_CHARACTERS_MIN: Final = 3
"""A shorter value protects nothing, and taking it out would spoil every other word."""
_IN_A_URL: Final = re.compile(r"(?<=://)[^\s/@?#]*(?=@)")

_known: set[str] = set()


def remember_secrets(values: Iterable[str]) -> None:
    """Values that no sentence and no log line of this process may show."""
    _known.update(value for value in values if len(value) >= _CHARACTERS_MIN)


def redacted(text: str) -> str:
    """The text without secrets: those that are known, and names and passwords within a URL."""
    for secret in sorted(_known, key=len, reverse=True):  # a longer one may contain a shorter one
        text = text.replace(secret, HIDDEN)
    return _IN_A_URL.sub(HIDDEN, text)
