"""Loops over bytes, compiled.

Where a step of the work depends on the one before it (a varint, a text's place after the last one, a slot of a hash
table), NumPy's whole-array operations need many passes over a batch; these few loops do it in one, as fast as C, and
let other threads run meanwhile. Each is compiled at its first call and kept on disk for the next start.

Numba is loaded at the first call, too: a process that calls none of them saves 55 MB and 0.4 s.
"""

import threading
from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher

_P = ParamSpec("_P")
_R = TypeVar("_R")
_MAKING: Final = threading.Lock()


def compiled(loop: Callable[_P, _R]) -> Callable[_P, _R]:
    """The loop as machine code that runs without the interpreter's lock; other compiled loops may call it."""
    return _Compiled(loop)


class _Compiled(Generic[_P, _R]):
    def __init__(self, loop: Callable[_P, _R]) -> None:
        self._loop = loop
        self._made: Dispatcher | None = None
        update_wrapper(self, loop)

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        result: _R = (self._made or self._make())(*args, **kwargs)
        return result

    @property
    def _numba_type_(self) -> Any:
        """What numba asks of a global that a loop calls."""
        from numba import types

        return types.Dispatcher(self._made or self._make())

    def _make(self) -> "Dispatcher":
        import numba

        with _MAKING:
            if self._made is None:
                try:
                    self._made = numba.njit(nogil=True, cache=True)(self._loop)
                except RuntimeError:  # nowhere to keep it: it is compiled at each start
                    self._made = numba.njit(nogil=True)(self._loop)
        return self._made


class _Call:
    """`call(address, arguments)`, within a compiled loop: call the C function at an address with integers or pointers
    of 64 bits, and return what it returns as an integer.
    """

    def __call__(self, address: int, arguments: tuple[Any, ...]) -> int:
        raise TypeError("a C function can be called within a compiled loop alone")

    @cached_property
    def _numba_type_(self) -> Any:
        from llvmlite import ir
        from numba import types
        from numba.core import cgutils
        from numba.core.registry import cpu_target
        from numba.extending import intrinsic

        def call_at(_: Any, address: Any, arguments: Any) -> Any:
            def generate(__: Any, builder: Any, ___: Any, values: Any) -> Any:
                function, packed = values
                unpacked = cgutils.unpack_tuple(builder, packed)
                kind = ir.FunctionType(ir.IntType(64), [value.type for value in unpacked])
                return builder.call(builder.inttoptr(function, kind.as_pointer()), unpacked)

            return types.int64(address, arguments), generate

        made: Any = intrinsic(call_at)
        cpu_target.typing_context.refresh()
        return cpu_target.typing_context.resolve_value_type(made)


call: Final = _Call()
