"""Where the items of a TOML file stand: Python's reader gives values without lines."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from dompet.schemas.errors import DompetError

Path = tuple[str | int, ...]
Lines = Mapping[Path, int]

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_AT_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)$")


def lines_of(text: str) -> Lines:
    """The line, from 1, of every table and every key at the beginning of a line; what is within it has no own line."""
    found: dict[Path, int] = {(): 1}
    tables: dict[Path, int] = {}
    here: Path = ()
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
    path: Path = ()
    for part in where:
        # What a validator puts into its paths beside the file's own keys is passed over.
        path = (*path, part) if (*path, part) in lines else path
    return lines[path]


def parsed(text: str, source: str, what: str, fault: Callable[[str], DompetError]) -> dict[str, Any]:
    """What the text says. Where it is no TOML, `fault` with a sentence that names `source` and the line is raised; and
    that it is not `what` where it is nested or long beyond all measure.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fault(f"{source}:{_line_of_fault(error, text)}: not valid TOML: {error}") from None
    except (RecursionError, ValueError) as error:
        raise fault(f"{source}:1: not {what}: {error}") from None


def _line_of_fault(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line, from 1, at which Python's reader gave up: the last one where it says that the text ended."""
    found = _AT_LINE.search(str(error))
    return int(found[1]) if found else max(text.count("\n") + (not text.endswith("\n")), 1)


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _table(names: Sequence[str], tables: dict[Path, int], *, another: bool) -> Path:
    """The path of a table: within arrays of tables, the last one so far; with `another`, a new one."""
    path: Path = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if another and depth == len(names):
            tables[path] = tables.get(path, -1) + 1
        if path in tables:
            path = (*path, tables[path])
    return path
