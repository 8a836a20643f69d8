"""The catalogue from a file, TOML or CSV: every entry is checked before any is given.

    [[platforms]]                                   course_id,institution_id,title,…,valid_from,valid_to
    platform_id = "tokopedia"                       k-1,lembaga-1,Barista,…,2020-04-01T00:00:00+07:00,
    valid_from = 2020-03-20T00:00:00+07:00

A CSV file lists one kind, which its header names. What may be null may be left out, or be empty in CSV.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from dompet.schemas.catalogue import LISTING_CLASSES, InvalidListing, Listing
from dompet.schemas.errors import DompetError
from dompet.schemas.toml_bounds import BeyondBounds, loads_bounded
from dompet.streams.catalogue.values import listing_of, said_in_texts
from dompet.streams.parsing.shape import FileShape
from dompet.streams.parsing.table import TableFile
from dompet.streams.parsing.unpacked import BadLine

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"platforms": "PlatformListed", "institutions": "InstitutionListed", "courses": "CourseListed"}
)
"""The type of each kind of entry."""

_TOML_BYTES_MAX: Final = 16 << 20
_HEADER: Final = re.compile(r"\s*\[\[")
_AT_LINE: Final = re.compile(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)
_Entry = tuple[int, str, Callable[[], Mapping[str, Any]]]
"""The line where an entry begins, the name of its type, and what gives its values, or raises InvalidListing."""


class BadCatalogueFile(DompetError):
    """A file of the catalogue is none, or an entry of it breaks its contract."""


def read_listings(path: Path) -> list[Listing]:
    """The listings of a file, in its order. Raises BadCatalogueFile, as `file:line: what is wrong`, and OSError."""
    readers = {".toml": _toml_entries, ".csv": _csv_entries}
    if path.suffix.lower() not in readers:
        raise BadCatalogueFile(f"{path}: the name of a catalogue file ends in .toml or .csv")
    listings: dict[str, Listing] = {}
    lines: dict[str, int] = {}
    for line, type_name, said in readers[path.suffix.lower()](path):
        try:
            listing = listing_of(type_name, said())
            if (key := listing.key()) in listings:
                raise InvalidListing(f"{key} is on line {lines[key]} already")
        except InvalidListing as fault:
            raise BadCatalogueFile(f"{path}:{line}: {fault}") from None
        listings[key], lines[key] = listing, line
    if not listings:
        raise BadCatalogueFile(f"{path}: the file has no entry")
    return list(listings.values())


def _toml_entries(path: Path) -> Iterator[_Entry]:
    """Entries with the line of their header, which the parser does not give: each is parsed once more by itself."""
    try:
        with path.open("rb") as file:
            text = file.read(_TOML_BYTES_MAX + 1).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BadCatalogueFile(f"{path}: the file is not valid UTF-8 at byte {error.start + 1}") from None
    _parsed(path, text)
    begin, part = 1, ""
    for number, line in enumerate([*(f"{line}\n" for line in text.split("\n")), "[[\n"], start=1):
        if _HEADER.match(line) and _is_toml(part):  # otherwise it is a line of a text of many lines
            yield from _entries_of(path, begin, part)
            begin, part = number, ""
        part += line


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return loads_bounded(text, bytes_max=_TOML_BYTES_MAX)
    except BeyondBounds as error:
        raise BadCatalogueFile(f"{path}:{error.line}: not a catalogue: {error}") from None
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.match(str(error))
        what, line = (found[1], found[2] or text.count("\n") + 1) if found else (str(error), 1)
        raise BadCatalogueFile(f"{path}:{line}: the file is not TOML: {what}") from None


def _is_toml(part: str) -> bool:
    try:
        tomllib.loads(part)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _entries_of(path: Path, begin: int, part: str) -> Iterator[_Entry]:
    for name, entries in tomllib.loads(part).items():
        if name not in KINDS or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            known = ", ".join(f"[[{kind}]]" for kind in KINDS)
            raise BadCatalogueFile(f"{path}:{begin}: {name!r} is none of {known}")
        yield from ((begin, KINDS[name], partial(dict, entry)) for entry in entries)


def _csv_entries(path: Path) -> Iterator[_Entry]:
    try:
        file = TableFile(path, FileShape(), [])
        type_name = _type_of(path, file.names)
        for row in file.rows():
            if row.wrong:
                raise BadLine(path, row.line, row.wrong)
            yield row.line, type_name, partial(said_in_texts, type_name, dict(zip(file.names, row.values, strict=True)))
    except BadLine as fault:
        raise BadCatalogueFile(str(fault)) from None


def _type_of(path: Path, header: list[str]) -> str:
    """The type whose fields a header names: it holds the type's own id."""
    for type_name, cls in reversed(list(LISTING_CLASSES.items())):  # courses first: they name their institution, too
        known = [field.name for field in fields(cls)]
        if known[0] in header:
            if wrong := [name for name in header if name not in known or header.count(name) > 1]:
                fault = "is given more than once" if wrong[0] in known else f"is no field of {type_name}"
                raise BadCatalogueFile(f"{path}:1: {wrong[0]!r} {fault}")
            return type_name
    ids = ", ".join(fields(cls)[0].name for cls in LISTING_CLASSES.values())
    raise BadCatalogueFile(f"{path}:1: the header names none of {ids}")
