"""A body that is one document of JSON: an event, an array of events, or CloudEvents."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from dompet.streams.gateway.problems import Problem

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_BREAKS: Final = re.compile(r"[\r\n]")
_DECODER: Final = json.JSONDecoder()


class Part(NamedTuple):
    """A value within a document: its text, and what it is."""

    text: str
    value: Any

    @property
    def line(self) -> bytes:
        """The text as one line: line breaks are blanks between a value's parts, for no string of JSON holds one."""
        return _BREAKS.sub(" ", self.text).encode("utf-8", "surrogatepass")


def document_of(body: bytes) -> Part:
    """The one value of a body. Problem 400 where it is no JSON."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not valid UTF-8 at byte {error.start + 1}") from None
    start = _skip(text, 0)
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem(400, f"the body is not JSON: {error.msg} at {where}") from None
    except RecursionError:
        raise Problem(400, "the body is nested too deeply") from None
    except ValueError:
        raise Problem(400, "the body holds a number of thousands of digits") from None
    if _skip(text, end) != len(text):
        raise Problem(400, "the body goes on after its JSON: events a line are Content-Type application/x-ndjson")
    return Part(text[start:end], value)


def elements_of(document: Part) -> list[Part]:
    """The elements of an array; of anything else itself."""
    if not isinstance(document.value, list):
        return [document]
    return [part for _, part in _parts(document.text, named=False)]


def members_of(document: Part) -> Mapping[str, Part]:
    """The members of an object by their names."""
    return dict(_parts(document.text, named=True))


def _parts(text: str, *, named: bool) -> Iterator[tuple[str, Part]]:
    """The values within the brackets of a text that is JSON."""
    at = _skip(text, 1)
    while text[at] not in "]}":
        name = ""
        if named:
            name, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, end = _DECODER.raw_decode(text, at)
        yield name, Part(text[at:end], value)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
