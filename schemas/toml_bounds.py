"""TOML that users give, bounded before Python's reader sees it: a few lines can take that reader for ever, and what is
nested a thousand deep breaks the code that walks through it afterwards.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

BYTES_MAX: Final = 256 << 10
LINE_CHARACTERS_MAX: Final = 4_096
LINE_DOTS_MAX: Final = 128
"""Python's reader takes a time that grows with the square of a key's parts."""
DEPTH_MAX: Final = 32
_AT_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)$")


class BeyondBounds(ValueError):
    """A text that is longer or more deeply nested than any file that people write; and the line, from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def read_bounded(path: Path) -> str:
    """A file's text, its lines ended by LF. Raises BeyondBounds, OSError, UnicodeDecodeError where it is no UTF-8."""
    with path.open("rb") as file:
        data = file.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise BeyondBounds(1, f"it has more than {BYTES_MAX} bytes")
    return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def loads_bounded(text: str, *, bytes_max: int = BYTES_MAX) -> dict[str, Any]:
    """What a text says. Raises BeyondBounds, tomllib.TOMLDecodeError; both are ValueErrors."""
    if len(text) > bytes_max:
        raise BeyondBounds(1, f"it has more than {bytes_max} bytes")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LINE_CHARACTERS_MAX:
            raise BeyondBounds(number, f"a line of more than {LINE_CHARACTERS_MAX} characters")
        if line.count(".") > LINE_DOTS_MAX:
            raise BeyondBounds(number, f"a line with more than {LINE_DOTS_MAX} dots")
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise BeyondBounds(1, f"it is nested more than {DEPTH_MAX} deep") from None
    if _is_deeper(content, DEPTH_MAX):
        raise BeyondBounds(1, f"it is nested more than {DEPTH_MAX} deep")
    return content


def fault_line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line, from 1, at which Python's reader gave up: the last one where it says that the text ended."""
    found = _AT_LINE.search(str(error))
    return int(found[1]) if found else max(text.count("\n") + (not text.endswith("\n")), 1)


def _is_deeper(content: dict[str, Any], most: int) -> bool:
    level: list[Any] = [content]
    for _ in range(most):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
