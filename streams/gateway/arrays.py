"""A JSON array of flat objects → the same objects as lines, by a compiled loop; nothing is parsed into Python."""

from typing import Final

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.varints import Bytes, Longs

_ARRAY, _OBJECT, _AFTER, _WITHIN, _STRING, _ESCAPE, _OVER = range(7)
"""What comes next: the array, an object, what follows one, a part of one, of its string, of an escape, nothing more."""
_REFUSED: Final = -1
_OTHER, _CONTROL, _BREAK, _SPACE, _QUOTE, _COMMA, _OPEN, _CLOSE, _BACKSLASH, _BEGIN, _END = range(11)
_KINDS: Final = {
    _CONTROL: bytes(range(0x20)), _BREAK: b"\t\n\r", _SPACE: b" ", _QUOTE: b'"', _COMMA: b",", _OPEN: b"{",
    _CLOSE: b"}", _BACKSLASH: b"\\", _BEGIN: b"[", _END: b"]",
}  # fmt: skip
"""Of bytes; each is of the last kind that has it."""
_IN_STRINGS: Final = (_OTHER, _SPACE, _COMMA, _OPEN, _CLOSE, _BEGIN, _END)
_NEXT: Final = {
    **{(state, kind): state for state in (_ARRAY, _OBJECT, _AFTER, _WITHIN, _OVER) for kind in (_BREAK, _SPACE)},
    (_ARRAY, _BEGIN): _OBJECT,
    (_OBJECT, _OPEN): _WITHIN,
    (_AFTER, _COMMA): _OBJECT,
    (_AFTER, _END): _OVER,
    **dict.fromkeys([(_WITHIN, kind) for kind in (_OTHER, _COMMA)], _WITHIN),
    (_WITHIN, _QUOTE): _STRING,
    (_WITHIN, _CLOSE): _AFTER,
    **dict.fromkeys([(_STRING, kind) for kind in _IN_STRINGS], _STRING),
    (_STRING, _QUOTE): _WITHIN,
    (_STRING, _BACKSLASH): _ESCAPE,
    **dict.fromkeys([(_ESCAPE, kind) for kind in (*_IN_STRINGS, _QUOTE, _BACKSLASH)], _STRING),
}
_WRITTEN: Final = {
    **{(state, _BREAK): " " for state in (_ARRAY, _OBJECT, _AFTER, _WITHIN, _OVER)},
    (_ARRAY, _BEGIN): " ",
    (_AFTER, _COMMA): "\n",
    (_AFTER, _END): " ",
}
"""What is written in place of a byte."""


def _tables() -> tuple[Longs, Longs, Longs]:
    kinds: Longs = np.full(256, _OTHER, dtype=np.int64)
    for kind, of in _KINDS.items():
        kinds[list(of)] = kind
    following, written = np.full((2, _OVER + 1, _END + 1), _REFUSED, dtype=np.int64)
    for place, state in _NEXT.items():
        following[place] = state
    for place, text in _WRITTEN.items():
        written[place] = ord(text)
    return kinds, following, written


_KIND, _FOLLOWING, _INSTEAD = _tables()


def lines_of_array(body: bytes) -> bytes | None:
    """The objects of a body that is an array of one or more, an object a line; None where it is not plainly that.

    What is within an object's braces is not judged: the body is JSON if and only if each line is.
    """
    lines: Bytes = np.empty(len(body), dtype=np.uint8)
    return lines.tobytes() if _split(np.frombuffer(body, dtype=np.uint8), lines) else None


@compiled
def _split(body: Bytes, lines: Bytes) -> bool:
    state = _ARRAY
    for at in range(len(body)):
        kind = _KIND[body[at]]
        instead = _INSTEAD[state, kind]
        lines[at] = body[at] if instead == _REFUSED else instead
        state = _FOLLOWING[state, kind]
        if state == _REFUSED:
            return False
    return state == _OVER
