"""How values are made from a row: each part of a mapping becomes a function, once, before the first row is read."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Final

from dompet.streams.importer.mapping import Mapping
from dompet.streams.importer.rows import Values
from dompet.streams.importer.texts import Empty, Unmapped, date_of, moment_of, not_whole, shown, text_of, whole
from dompet.streams.importer.values import (
    FromColumn,
    FromDay,
    FromHash,
    FromNumber,
    FromText,
    FromTime,
    Value,
)
from dompet.streams.parsing.blanks import at_ends
from dompet.streams.parsing.dates import DateFormat
from dompet.streams.parsing.zones import zone_of
from dompet.streams.terminal.figures import plural


class BlankEnds:
    """Ids of a field that begin or end with blanks: how many, and the first."""

    def __init__(self, first: str) -> None:
        self.many = 0
        self.first = first

    def sentence(self, field: str) -> str:
        """What is to be said of them."""
        ends = "begins or ends" if self.many == 1 else "begin or end"
        which = ", ".join(at_ends(self.first))
        return (
            f"{plural(self.many, field)} {ends} with blanks, as {shown(self.first)} ({which}): they are in the "
            "events as they are; trim = true leaves them out"
        )


Maker = Callable[[Values], object]
"""Gives a text, whole number, bool, date or datetime. Raises Unmapped."""

_HASH_DIGITS: Final = 32


class Making:
    """Makes makers for one mapping, under its salt."""

    def __init__(self, mapping: Mapping, salt: bytes = b"") -> None:
        self._values = mapping.values
        self._zone = zone_of(mapping.zone)
        self._salt = salt
        self._named: dict[str, Maker] = {}
        self.blank_ends: dict[str, BlankEnds] = {}
        """By the field of an event: the ids with blanks at their ends, which nobody sees."""

    @property
    def zone(self) -> tzinfo:
        """The zone of times that name none."""
        return self._zone

    def named(self, name: str) -> Maker:
        """What a name means: a value of [values], else a column."""
        if name not in self._named:
            self._named[name] = self.maker(self._values[name]) if name in self._values else _column(name)
        return self._named[name]

    def maker(self, value: Value) -> Maker:
        """What a value of the mapping means."""
        match value:
            case FromColumn():
                make = _or_default(self._mapped(value), value.default)
            case FromText():
                make = self._text(value)
            case FromNumber():
                make = _or_default(self._number(value), value.default)
            case FromDay():
                make = self._day(value)
            case FromTime():
                make = self._time(value)
            case FromHash():
                make = self._hash(value)
            case _:
                return lambda row: value
        return make

    def _mapped(self, value: FromColumn) -> Maker:
        source, held = self.named(value.column), value.map
        if held is None:
            return source

        def make(row: Values) -> object:
            found = text_of(source(row))
            if found not in held:
                raise Unmapped(f"{value.column} is {shown(found)}, for which its map has nothing")
            return held[found]

        return make

    def _text(self, value: FromText) -> Maker:
        parts = value.parts()
        pieces = [self.named(part) if index % 2 else part for index, part in enumerate(parts)]

        def make(row: Values) -> object:
            return "".join(piece if isinstance(piece, str) else text_of(piece(row)) for piece in pieces)

        return make

    def _number(self, value: FromNumber) -> Maker:
        source, notation = self.named(value.number), value.notation

        def make(row: Values) -> object:
            found = text_of(source(row))
            if (number := notation.read(found)) is None:
                raise not_whole(value.number, found)
            return value.times * number

        return make

    def _day(self, value: FromDay) -> Maker:
        source, at, zone = self.named(value.day), value.at, self._zone
        form = DateFormat(value.format) if value.format else None
        days = self.named(value.plus_days) if isinstance(value.plus_days, str) else None
        fixed = 0 if isinstance(value.plus_days, str) else value.plus_days

        def make(row: Values) -> object:
            day = date_of(value.day, source(row), form)
            plus = whole(str(value.plus_days), days(row)) if days else fixed
            try:
                return datetime.combine(day + timedelta(days=plus), at, zone)
            except OverflowError:
                raise Unmapped(f"{day} and {plus} days are no date") from None

        return make

    def _time(self, value: FromTime) -> Maker:
        source, form = self.named(value.time), DateFormat(value.format) if value.format else None

        def make(row: Values) -> object:
            found = source(row)
            if isinstance(found, str):
                found = moment_of(value.time, found, form)
            if not isinstance(found, datetime):
                raise Unmapped(f"{value.time} is {shown(found)}, not a date with a time")
            return found if found.tzinfo else found.replace(tzinfo=self._zone)

        return make

    def _hash(self, value: FromHash) -> Maker:
        source, salt = self.named(value.hash), self._salt

        def make(row: Values) -> object:
            return hmac.new(salt, text_of(source(row)).encode(), hashlib.sha256).hexdigest()[:_HASH_DIGITS]

        return make


def _column(name: str) -> Maker:
    def make(row: Values) -> object:
        value = row[name]
        if value is None:
            raise Empty(f"{name} is empty")
        return value

    return make


def _or_default(source: Maker, default: object) -> Maker:
    if default is None:
        return source

    def make(row: Values) -> object:
        try:
            return source(row)
        except Empty:
            return default

    return make
