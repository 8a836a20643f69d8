"""Loops over bytes, compiled.

Where a step of the work depends on the one before it (a varint, a text's place after the last one, a slot of a hash
table), NumPy's whole-array operations need many passes over a batch; these few loops do it in one, as fast as C, and
let other threads run meanwhile. Each is compiled at its first call and kept on disk for the next start.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(loop: Callable[_P, _R]) -> Callable[_P, _R]:
    """The loop as machine code that runs without the interpreter's lock."""
    try:
        return numba.njit(nogil=True, cache=True)(loop)
    except RuntimeError:  # nowhere to keep it: it is compiled at each start
        return numba.njit(nogil=True)(loop)
