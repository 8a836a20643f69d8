"""The right name that a misspelt one is nearest to."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that is most like this one; None where none is like it."""
    return next(iter(get_close_matches(name, list(names), 1, 0.7)), None)
