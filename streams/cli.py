"""The command line: `dompet`, or `python -m dompet.streams.cli`.

Commands are functions of `dompet.streams.commands` that return their exit code. What goes wrong is told here, and
nowhere else. What is slow to load is loaded only by the command that needs it.
"""

import functools
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any, Final, NoReturn

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.commands import catalogue, chain, dead_letters
from dompet.streams.commands import redrive as letters_redrive
from dompet.streams.commands.backup import backup, restore
from dompet.streams.commands.broker import broker
from dompet.streams.commands.check import check
from dompet.streams.commands.demo import demo
from dompet.streams.commands.exceptions import exceptions
from dompet.streams.commands.funnel import funnel
from dompet.streams.commands.import_ import import_
from dompet.streams.commands.publish import publish
from dompet.streams.commands.query import migrate, query, status
from dompet.streams.commands.rebuild import rebuild
from dompet.streams.commands.reconcile import reconcile
from dompet.streams.commands.rejections import redrive as rejections_redrive
from dompet.streams.commands.rejections import rejections
from dompet.streams.commands.settle import settle
from dompet.streams.commands.sweep import sweep
from dompet.streams.commands.topics import topics
from dompet.streams.commands.unfinished import unfinished
from dompet.streams.commands.verify import verify
from dompet.streams.commands.wallet import wallet
from dompet.streams.commands.worker import up, worker
from dompet.streams.process.logs import is_debugged
from dompet.streams.process.memory import prepare_process

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


_COMMANDS: Final[dict[str, tuple[Callable[..., int], ...]]] = {
    "Start here": (demo, query, status),
    "Answers": (wallet, funnel, unfinished, check, exceptions, verify),
    "Run": (up, broker, worker, sweep),
    "Money": (settle, reconcile),
    "Data": (publish, import_, topics, migrate, rebuild, backup, restore),
}
_GROUPS: Final[dict[str, tuple[str, str, tuple[Callable[..., int], ...]]]] = {
    "catalogue": ("Data", "Load and list platforms, institutions and courses.", (catalogue.load, catalogue.list_)),
    "chain": ("Data", "Heads of the hash chain over the log, for publication.", (chain.head,)),
    "dead-letters": (
        "Run",
        "Look at records that break their contract; redrive or discard them.",
        (dead_letters.list_, dead_letters.show, letters_redrive.redrive, dead_letters.discard, dead_letters.ahead),
    ),
}
"""Commands of two words: the first one, its panel, what it is for, and the functions of the second."""
_WITH_MORE: Final[dict[str, tuple[Callable[..., int | None], tuple[Callable[..., int], ...]]]] = {
    "Answers": (rejections, (rejections_redrive,)),
}
"""By panel: a command that may stand alone, and the functions of a second word after it."""
_HELP: Final = """
Follows a training-subsidy programme: who paid what to whom, was it taken, who is owed what.

Events enter one Kafka log; a fold turns them into a journal, wallets and orders in ClickHouse, \
whose every rupiah can be traced back to an event.
"""
_EPILOG: Final = """
[bold]Examples[/]

  dompet demo --people 1000                     [dim]a programme, with its report[/]

  dompet up                                     [dim]Kafka and a worker[/]

  dompet publish events.jsonl                   [dim]events, one a line[/]

  dompet query "SELECT * FROM wallets LIMIT 5"  [dim]also while a worker runs[/]

[bold]Settings[/] are flags, variables (DOMPET_HOME) or lines of dompet.toml; `dompet worker --help` lists them. \
Any setting of librdkafka is one, too: DOMPET_KAFKA__SASL_USERNAME, or in the table \\[kafka].
"""


def told(command: Callable[..., int | None]) -> Callable[..., None]:
    """The command, with its exit code, and one sentence on stderr where it cannot do its work. Without a code another
    command follows.
    """

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt:
            code = _say("stopped", STOPPED)
        except Exception as error:  # noqa: BLE001  (told as a sentence, or raised again for who debugs)
            # Within a library's C code an interrupt may come out as another exception.
            code = _say("stopped", STOPPED) if _interrupted.is_set() else _failed(error)
        if code is not None:
            raise typer.Exit(code)

    return run


def _failed(error: Exception) -> int:
    """What a command that raised leaves: one sentence on stderr, and its exit code."""
    match error:
        case DompetError():
            return _say(str(error), WRONG)
        case BrokenPipeError():
            # Nobody reads on; at its end Python would complain about what it still holds for them.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAULT
        case OSError():
            return _say(f"{error.filename}: {error.strerror}" if error.filename else str(error), WRONG)
    if is_debugged():
        raise error
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return _say(f"a fault of dompet's own: {said} (DOMPET_DEBUG=1 shows where)", FAULT)


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(f"dompet: {sentence}\n")
    return code


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"dompet {version('dompet')}\n")
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Takes the options that stand before a command."""


def _flowing(text: str) -> str:
    """Paragraphs without the line breaks that they have in the source."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _made() -> typer.Typer:
    app = typer.Typer(
        name="dompet",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=_HELP, epilog=_EPILOG)(_options)
    for panel, commands in _COMMANDS.items():
        for command in commands:
            _add(app, command, panel)
    for panel, (alone, commands) in _WITH_MORE.items():
        group = typer.Typer(rich_markup_mode="rich", invoke_without_command=True)
        group.callback(help=_flowing(alone.__doc__ or ""))(told(alone))
        for command in commands:
            _add(group, command, "Commands")
        app.add_typer(group, name=alone.__name__, rich_help_panel=panel)
    for name, (panel, purpose, commands) in _GROUPS.items():
        group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
        for command in commands:
            _add(group, command, "Commands")
        app.add_typer(group, name=name, rich_help_panel=panel, help=purpose)
    return app


def _add(app: typer.Typer, command: Callable[..., int], panel: str) -> None:
    name = command.__name__.rstrip("_")  # `import` and `list` are words of Python's own
    app.command(name, rich_help_panel=panel, help=_flowing(command.__doc__ or ""))(told(command))


app: Final = _made()


def _end(number: int, frame: object) -> NoReturn:
    """Every with-block is left in order."""
    raise SystemExit(128 + number)


def _interrupt(number: int, frame: object) -> NoReturn:
    _interrupted.set()
    raise Interrupted


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    prepare_process()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else whoever started it wants none
        signal.signal(signal.SIGINT, _interrupt)
    if is_debugged():
        logging.basicConfig(level=logging.DEBUG)
    else:
        logging.getLogger().addHandler(logging.NullHandler())  # else Python prints what libraries warn of
    app(prog_name="dompet")


if __name__ == "__main__":
    main()
