"""Loops over bytes, compiled.

Where a step of the work depends on the one before it (a varint, a text's place after the last one, a slot of a hash
table), NumPy's whole-array operations need many passes over a batch; these few loops do it in one, as fast as C, and
let other threads run meanwhile. Each is compiled at its first call and kept on disk for the next start.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(loop: Callable[_P, _R]) -> Callable[_P, _R]:
    """The loop as machine code that runs without the interpreter's lock."""
    try:
        return numba.njit(nogil=True, cache=True)(loop)
    except RuntimeError:  # nowhere to keep it: it is compiled at each start
        return numba.njit(nogil=True)(loop)


def _call(_: Any, address: Any, arguments: Any) -> Any:
    def generate(__: Any, builder: Any, ___: Any, values: Any) -> Any:
        function, packed = values
        unpacked = cgutils.unpack_tuple(builder, packed)
        kind = ir.FunctionType(ir.IntType(64), [value.type for value in unpacked])
        return builder.call(builder.inttoptr(function, kind.as_pointer()), unpacked)

    return types.int64(address, arguments), generate


call: Any = intrinsic(_call)
"""`call(address, arguments)`, within a compiled loop: call the C function at an address with integers or pointers of 64
bits, and return what it returns as an integer.
"""
