"""The views as they are now: one file each in `infra/views`, and what those leave to be made from declarations.

In a file, `{word …}` means SQL that several views have in common (see `_PARTS`), and the name of a view that is read
is replaced by its query: what the warehouse stores reads tables alone, so that each view can be exchanged by itself, in
any order.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from dompet.projections.columns import Kind
from dompet.projections.vocabulary import DOUBTFUL
from dompet.streams.warehouse import shown
from dompet.streams.warehouse.sql_files import About, Statement, sql_files, statements
from dompet.streams.warehouse.tables import KEYS, PLACE, TABLES

_PART: Final = re.compile(r"^(?P<indent> *)(?P<before>.*?)\{(?P<word>\w+) ?(?P<of>[^{}]*)\}", re.MULTILINE)
_AS: Final = re.compile(r"(.*) AS (\w+)")
_MADE: Final = re.compile(r"CREATE VIEW \w+ AS\n")
_READ: Final = re.compile(r"\bFROM (\w+)\b")


@dataclass(frozen=True)
class View:
    """A view: its query, which reads tables alone, and what its file says about it."""

    name: str
    query: str
    about: About


@cache
def views() -> Mapping[str, View]:
    """All views, by name."""
    return {name: View(name, _query(name), one.about) for name, one in _written().items()}


def view_names() -> set[str]:
    """The names of all views, without reading what they are."""
    return {name for name, _ in sql_files("views")}


def reads(name: str) -> list[str]:
    """The tables and views that a view's file names as what it reads, in order."""
    return list(dict.fromkeys(re.findall(r"\bFROM (\w+)\b", _written()[name].sql)))


@cache
def _written() -> Mapping[str, Statement]:
    return {name: next(statements(text)) for name, text in sql_files("views")}


@cache
def _query(name: str) -> str:
    """A view's query with its parts filled in, and with the queries of the views that it reads."""
    query, before = _MADE.sub("", _written()[name].sql, count=1), ""
    while query != before:  # a line may have several parts
        before, query = query, _PART.sub(_filled, query)
    return _READ.sub(_inlined, query)


def _inlined(found: re.Match[str]) -> str:
    name = found[1]
    return f"FROM\n(\n{_query(name)}\n) AS {name}" if name in _written() else found[0]


def _filled(found: re.Match[str]) -> str:
    separator = f",\n{found['indent']}" if not found["before"] else ", "
    return f"{found['indent']}{found['before']}{separator.join(_PARTS[found['word']](found['of']))}"


def _moment(of: str, *, absent: bool = False) -> Iterator[str]:
    microseconds, name = _named(of)
    return map(str, shown.moment_and_day(microseconds, name, absent=absent))


def _named(of: str) -> tuple[str, str]:
    found = _AS.fullmatch(of)
    return (found[1], found[2]) if found else (of, of)


def _one(make: Callable[[str], str], of: str) -> Iterator[str]:
    expression, name = _named(of)
    yield f"{make(expression)} AS {name}"


def _stored(table: str) -> Iterator[str]:
    """The names of the stored columns."""
    return (column.name for column in TABLES[table] if column.name not in PLACE)


def _plain(table: str) -> Iterator[str]:
    """The stored columns, names as String: the oldest servers join no LowCardinality."""
    for column in TABLES[table]:
        if column.name not in PLACE:
            category = column.kind is Kind.CATEGORY
            yield f"CAST({column.name} AS String) AS {column.name}" if category else column.name


def _listing(of: str) -> Iterator[str]:
    """The newest of an order's listings, of a platform, institution or course, that was in force when it was sold."""
    listings = f"{of}_listings"
    sold = f"arrayResize([purchased_at_us], length({listings}), purchased_at_us)"
    yield f"arrayFirst((one, sold) -> one.1 <= sold AND (one.2 = 0 OR one.2 > sold), {listings}, {sold}) AS {of}"


def _state(_: str) -> Iterator[str]:
    """An order's, from its stored columns."""
    yield (
        "multiIf(refunded != 0, 'refunded', reviewed_at_us != 0, 'reviewed', completed_at_us != 0, 'completed',"
        " redeemed_at_us != 0, 'redeemed', 'purchased')"
    )


_PARTS: Final[Mapping[str, Callable[[str], Iterator[str]]]] = {
    "keys": lambda table: iter(KEYS[table]),
    "columns": lambda table: map(str, shown.shown_columns(table)),
    "stored": _stored,
    "plain": _plain,
    "moment": _moment,
    "maybe_moment": lambda of: _moment(of, absent=True),
    "day": lambda name: iter([f"{shown.day(name)} AS {name}"]),
    "yes": lambda of: _one(shown.yes_no, of),
    "listing": _listing,
    "state": _state,
    "money": lambda _: iter([shown.MONEY]),
    "balance_change": lambda _: iter(["credited_change - spent_change + refunded_change - returned_change"]),
    "doubtful": lambda _: iter([shown.doubtful()]),
    "doubtful_bits": lambda _: iter([str(int(DOUBTFUL))]),
}
"""What `{word …}` means: the rest of it in, columns or one expression out."""
