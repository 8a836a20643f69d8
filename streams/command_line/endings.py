"""How a command ends: with an exit code, and one sentence on stderr where it cannot do its work."""

import functools
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, Final, NoReturn

from dompet.schemas.errors import DompetError
from dompet.streams.process.logs import DEBUG, is_debugged, report

STOPPED: Final = 128 + signal.SIGINT
WRONG: Final = 2
"""A setting, a file or a line is wrong, or a server cannot be reached."""
FAULT: Final = 1

_interrupted: Final = threading.Event()
"""Set at Ctrl-C."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C. Where a plain KeyboardInterrupt comes out of exec("…"), as it may while dataclasses are loaded, Python
    kills its own process by SIGINT in the end, whatever was made of it: the exit by 130 would become a death.
    """


def as_code(command: Callable[..., int | None], *args: Any, **kwargs: Any) -> int | None:
    """What the command returns, or the exit code of what it raises, which is reported."""
    try:
        code = command(*args, **kwargs)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = _report("stopped", STOPPED)
    except Exception as error:  # noqa: BLE001  (reported in a sentence, or by its trace)
        # Within a library's C code an interrupt may come out as another exception.
        code = _report("stopped", STOPPED) if _interrupted.is_set() else _failed(error)
    return code


def as_exit_code(command: Callable[..., int | None]) -> Callable[..., None]:
    """The command, ending by typer.Exit with its exit code. Without a code another command follows."""
    from typer import Exit  # the light command line has none

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        if (code := as_code(command, *args, **kwargs)) is not None:
            raise Exit(code)

    return run


def _failed(error: Exception) -> int:
    """Report what a command raised; its exit code."""
    match error:
        case DompetError():
            return _report(str(error), WRONG)
        case BrokenPipeError():
            # Nobody reads on; at its end Python would complain about what it still holds for them.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAULT
        case OSError():
            return _report(f"{error.filename}: {error.strerror}" if error.filename else str(error), WRONG)
    if is_debugged():
        report(traceback.format_exc().rstrip())
        return FAULT
    sentence = f"{type(error).__name__}: {error}".splitlines()[0]
    return _report(f"a fault of dompet's own: {sentence} ({DEBUG}=1 shows where)", FAULT)


def _report(sentence: str, code: int) -> int:
    report(f"dompet: {sentence}")
    return code


def handle_signals() -> None:
    """End in order at SIGTERM and SIGHUP, every with-block left; interrupt the command at Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else the parent process wants it ignored
        signal.signal(signal.SIGINT, _interrupt)


def _end(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _interrupt(number: int, frame: object) -> NoReturn:
    _interrupted.set()
    raise Interrupted
