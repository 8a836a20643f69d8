"""Characters that nobody sees at the ends of a text: spaces of all kinds, and what has no width."""

import unicodedata
from collections.abc import Iterable
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_RANGES: Final = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x3000, 0x3000)),  # spaces
    *((0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2064), (0x2066, 0x206F)),  # spaces, zero width, direction
    *((0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB)),  # no width
    *((0x115F, 0x1160), (0x2800, 0x2800), (0x3164, 0x3164), (0xFFA0, 0xFFA0)),  # drawn as nothing
    *((0xE0001, 0xE0001), (0xE0020, 0xE007F)),  # tags
)
BLANKS: Final = "".join(map(chr, chain.from_iterable(range(first, last + 1) for first, last in _RANGES)))
"""All of them: Unicode's spaces, and its characters without width or drawing."""


def stripped(text: str) -> str:
    """The text without blanks at its ends."""
    return text.strip(BLANKS)


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in it."""
    return not text.strip(BLANKS)


def are_blank(texts: pa.Array) -> NDArray[np.bool_]:
    """Of each text whether there is nothing to see in it."""
    flags: NDArray[np.bool_] = pc.equal(pc.utf8_trim(texts, BLANKS), "").to_numpy(zero_copy_only=False)
    return flags


def at_ends(text: str) -> list[str]:
    """The blanks at the ends of a text, each once, by their names.

    >>> at_ends("INV-1\\u00a0 ")
    ['U+0020 SPACE', 'U+00A0 NO-BREAK SPACE']
    """
    core = text.strip(BLANKS)
    ends = text if not core else text[: text.index(core)] + text[text.index(core) + len(core) :]
    return named(ends)


def named(characters: Iterable[str]) -> list[str]:
    """Characters by code and name, each once."""
    return [f"U+{ord(one):04X} {unicodedata.name(one, 'CONTROL')}" for one in sorted(set(characters))]
