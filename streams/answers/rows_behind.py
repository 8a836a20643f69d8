"""Where the rows behind a figure are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

_OF_THE_FIGURES: Final = frozenset({"by", "grain", "only"})
"""Filters that say what the rows of an answer are, and choose nothing in the list behind them."""
CLOCKS: Final = frozenset({"as_of", "known_at"})
"""With them a figure is of a moment; most lists are as they are now."""


@dataclass(frozen=True)
class Rows:
    """Where the rows behind a figure are: a list, its filters, and filters taken from the figure's own row."""

    question: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    of_row: Mapping[str, str] = field(default_factory=dict)
    """By the filter's name, the column whose value it takes; the filter `by` is the one that it names itself."""
    period: str = ""
    """The column whose day, or month where that is the grain, is the list's period."""
    unless: frozenset[str] = frozenset()
    """Filters under which the figure and the list are not of the same rows."""

    def holds(self, row: Mapping[str, Any], given: Mapping[str, str]) -> bool:
        """Whether the list can say which rows they are."""
        return not any(given.get(name) for name in self.unless) and all(row[of] != "" for of in self.of_row.values())

    def given(self, row: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
        """The filters of the list, for a row of an answer that was asked with the filters `given`."""
        named = {given.get("by") or "platform" if name == "by" else name: row[of] for name, of in self.of_row.items()}
        around = {name: text for name, text in given.items() if name not in _OF_THE_FIGURES}
        period = _period(row[self.period], given) if self.period else {}
        return {**around, **self.fixed, **period, **{name: str(value) for name, value in named.items()}}


def chosen_by(given: Mapping[str, str]) -> set[str]:
    """The filters that chose what a figure is of."""
    return {name for name, text in given.items() if text} - _OF_THE_FIGURES


def _period(day: date, given: Mapping[str, str]) -> dict[str, str]:
    """A row's day or month, as far as it is within the period that was asked for."""
    monthly = given.get("grain") == "month"
    last = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1) if monthly else day
    begin, end = given.get("from", ""), given.get("to", "")
    return {
        "from": begin if begin[:10] >= day.isoformat() else day.isoformat(),
        "to": end if end and end[:10] <= last.isoformat() else last.isoformat(),
    }
