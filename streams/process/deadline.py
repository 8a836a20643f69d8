"""A time at which the kernel ends this process, whatever it does by then, unless the time is moved.

A process that was stopped, or not given the processor, goes on as if no time had passed. By this it does not go on at
all: SIGKILL reaches a stopped process, too. The clock goes on while the machine sleeps.
"""

import ctypes
import signal
import time
from typing import Final

_CLOCK: Final = time.CLOCK_BOOTTIME
_ABSOLUTE: Final = 1


class _Time(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Timer(ctypes.Structure):
    _fields_ = (("interval", _Time), ("value", _Time))


class _Event(ctypes.Structure):
    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("padding", ctypes.c_char * 48),
    )


class Deadline:
    """None is set at first. For one thread."""

    def __init__(self) -> None:
        """OSError where the system has no such timer."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._timer = ctypes.c_void_p()
        event = _Event(None, signal.SIGKILL, 0, b"")
        self._check(self._libc.timer_create(_CLOCK, ctypes.byref(event), ctypes.byref(self._timer)))

    @staticmethod
    def now() -> float:
        """The clock's seconds."""
        return time.clock_gettime(_CLOCK)

    def set(self, at: float) -> None:
        """End the process at this time of the clock; at once where it is over."""
        self._settle(_Time(int(at), int(at % 1 * 1e9)))

    def lift(self) -> None:
        """Do not end it."""
        self._settle(_Time(0, 0))

    def _settle(self, at: _Time) -> None:
        timer = _Timer(_Time(0, 0), at)
        self._check(self._libc.timer_settime(self._timer, _ABSOLUTE, ctypes.byref(timer), None))

    def _check(self, result: int) -> None:
        if result:
            code = ctypes.get_errno()
            raise OSError(code, "the kernel's timer cannot be set")
