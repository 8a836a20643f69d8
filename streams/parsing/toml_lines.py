"""Where the items of a TOML file are: Python's reader gives values without lines."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.schemas.toml_bounds import BeyondBounds, fault_line, loads_bounded, read_bounded

Item = tuple[str | int, ...]
"""The way to an item: names of tables and keys, numbers within arrays."""
Lines = Mapping[Item, int]

_HEADER: Final = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def lines_of(text: str) -> Lines:
    """The line, from 1, of every table and every key at the beginning of a line; what is within it has no own line."""
    found: dict[Item, int] = {(): 1}
    tables: dict[Item, int] = {}
    here: Item = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            here = _table(_parts(header[2]), tables, another=header[1] == "[[")
            for depth in range(1, len(here) + 1):
                found.setdefault(here[:depth], number)
        elif key := _KEY.match(line):
            path = here
            for part in _parts(key[1]):
                path = (*path, part)
                found.setdefault(path, number)
    return found


def line_of(where: Sequence[str | int], lines: Lines) -> int:
    """The line of the item at a path; of the nearest table or key around it where it has none of its own."""
    path: Item = ()
    for part in where:
        # What a validator puts into its paths beside the file's own keys is passed over.
        path = (*path, part) if (*path, part) in lines else path
    return lines[path]


def parsed(text: str, source: str, what: str, fault: Callable[[str], DompetError]) -> dict[str, Any]:
    """What the text says. Where it is no TOML, `fault` with a sentence that names `source` and the line is raised; and
    that it is not `what` where it is nested or long beyond all measure.
    """
    try:
        return loads_bounded(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(f"{source}:{fault_line(error, text)}: not valid TOML: {error}") from None
    except ValueError as error:
        raise fault(f"{source}:{getattr(error, 'line', 1)}: not {what}: {error}") from None


def text_in(path: Path, what: str, fault: Callable[[str], DompetError]) -> str:
    """A file's text, for `parsed`; `fault` where it is too long. Raises OSError, UnicodeDecodeError as reading does."""
    try:
        return read_bounded(path)
    except BeyondBounds as error:
        raise fault(f"{path}:{error.line}: not {what}: {error}") from None


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _table(names: Sequence[str], tables: dict[Item, int], *, another: bool) -> Item:
    """The path of a table: within arrays of tables, the last one so far; with `another`, a new one."""
    path: Item = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if another and depth == len(names):
            tables[path] = tables.get(path, -1) + 1
        if path in tables:
            path = (*path, tables[path])
    return path
