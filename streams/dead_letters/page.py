"""A dead letter for people to look at: its bytes, and what can be read of them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from dompet.schemas.dead import DeadRecord
from dompet.schemas.events import EVENT_CLASSES
from dompet.schemas.json_lines import write_event
from dompet.schemas.wire import decode

MASK: Final = "•"
_NATIONAL_IDS: Final = re.compile(rb"[0-9]{16,}")  # the length before the next field may look like one more digit
_LINE: Final = 16


def national_ids(raw: bytes) -> set[int]:
    """Where bytes have the form of a national id number (16 digits), byte for byte."""
    return {at for found in _NATIONAL_IDS.finditer(raw) for at in range(*found.span())}


def hex_dump(raw: bytes, hidden: set[int]) -> Iterator[str]:
    """Bytes as lines of offset, hexadecimal and ASCII; those at `hidden` are masked.

    >>> print(*hex_dump(b"ab" + bytes(2), {1}))
    00000000  61 •• 00 00                                       a•..
    """
    for at in range(0, len(raw), _LINE):
        places = range(at, min(at + _LINE, len(raw)))
        codes = [MASK * 2 if place in hidden else f"{raw[place]:02x}" for place in places]
        halves = "  ".join(" ".join(codes[half : half + 8]) for half in (0, 8)).rstrip()
        letters = (MASK if p in hidden else chr(raw[p]) if 0x20 <= raw[p] < 0x7F else "." for p in places)
        yield f"{at:08x}  {halves:<48}  {''.join(letters)}"


def as_text(value: bytes | None, hidden: set[int]) -> str:
    """What can be read of a value: the event as a line of JSON where it is one, else the text that it is; else nothing.

    >>> as_text(b'{"a": 1}', set()), as_text(bytes(3), set())
    ('{"a": 1}', '')
    """
    if value is None:
        return ""
    try:
        name, fields = decode(value)
    except DeadRecord:
        shown = bytes(ord("*") if at in hidden else byte for at, byte in enumerate(value))
        try:
            text = shown.decode()
        except UnicodeDecodeError:
            return ""
        return text if all(one.isprintable() or one in "\t\r\n" for one in text) else ""
    line = write_event(EVENT_CLASSES[name](**fields))  # type: ignore[arg-type]
    return re.sub(r"[0-9]{16,}", lambda found: "*" * len(found[0]), line) if hidden else line


def moment(micros: int) -> str:
    """A time for people, exact.

    >>> moment(1_586_592_000_000_500)
    '2020-04-11 08:00:00.000500 UTC'
    """
    return f"{datetime.fromtimestamp(micros // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}.{micros % 1_000_000:06d} UTC"
