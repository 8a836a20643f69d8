"""`dompet` where no extra is installed: its own commands by Python's argparse; of all others, what they need."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.client import flags
from dompet.streams.client.commands import CheckOptions, PublishOptions, check, publish
from dompet.streams.client.listing import Listed, listed
from dompet.streams.client.screen import plain_screen
from dompet.streams.command_line.extras import LIGHT, ExtraMissing, require
from dompet.streams.command_line.flag import Flag
from dompet.streams.process.log_lines import write_logs_as
from dompet.streams.publish.counted import OnError
from dompet.streams.settings import Settings, read_settings
from dompet.streams.settings.declaration import declared_settings

HELP: Final = ("-h", "--help")
_WRONG: Final = 2


class _Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence."""

    def error(self, message: str) -> Any:
        """DompetError."""
        raise DompetError(f"{message} (`{self.prog} --help` says what it takes)")


def run(arguments: Sequence[str], package: ModuleType) -> int:
    """Run what the arguments name; the exit code. DompetError where that is nothing that can be run."""
    if not arguments or arguments[0] in HELP:
        sys.stdout.write(_page(listed(package)))
        return 0 if arguments else _WRONG
    if arguments[0] == "--version":
        sys.stdout.write(f"dompet {version('dompet')}\n")
        return 0
    for words, (takes, settings, work) in _WORK.items():
        if list(arguments[: len(words.split())]) == words.split():
            return _run(words, list(arguments[len(words.split()) :]), takes, settings, work)
    raise _refusal(arguments, listed(package))


def _refusal(arguments: Sequence[str], known: Sequence[Listed]) -> DompetError:
    """Why another command is not run."""
    named = " ".join(arguments[:2])
    for one in sorted(known, key=lambda one: -len(one.words)):
        if named == one.words or arguments[0] == one.words:
            try:
                require(one.extra, f"`dompet {one.words}`")
            except ExtraMissing as missing:
                return missing
    if arguments[0] in {one.words.split()[0] for one in known}:
        inner = ", ".join(one.words for one in known if one.words.startswith(f"{arguments[0]} "))
        return DompetError(f"`dompet {arguments[0]}` has the commands {inner}")
    return DompetError(f"there is no command {arguments[0]!r}: `dompet --help` lists them")


def _run(
    words: str, given: list[str], takes: Sequence[Flag], names: Sequence[str], work: Callable[[Settings, Any], int]
) -> int:
    parser = _Parser(f"dompet {words}", allow_abbrev=False)
    for one in takes:
        if one.is_argument:
            count = "?" if one.is_optional else None
            parser.add_argument(one.name.lower(), metavar=one.metavar.strip("[]"), help=one.help, nargs=count)
        else:
            parser.add_argument(one.name, default=one.default, help=one.help, **_form(one))
    known, names = declared_settings(), (*names, "config")
    for name in names:
        parser.add_argument(known[name].flag, metavar=known[name].metavar, help=known[name].sentence, dest=name)
    values = vars(parser.parse_args(given))
    settings = read_settings(**{name: values.pop(name) for name in names})
    write_logs_as(settings.log_format, words.rpartition(" ")[2])
    return work(settings, argparse.Namespace(**values))


def _form(flag: Flag) -> dict[str, Any]:
    return {"choices": flag.choices} if flag.choices else {"metavar": flag.metavar}


def _publish(settings: Settings, given: Any) -> int:
    options = PublishOptions(given.file, given.gateway, given.token_file, given.inbox, OnError(given.on_error))
    return publish(settings, options, plain_screen(), None)


def _check(settings: Settings, given: Any) -> int:
    return check(settings, CheckOptions(given.name, given.gateway, given.token_file, given.inbox), plain_screen())


_WORK: Final = {
    "publish": (flags.PUBLISH, flags.PUBLISH_SETTINGS, _publish),
    "publishers check": (flags.CHECK, flags.CHECK_SETTINGS, _check),
}


def _page(known: Sequence[Listed]) -> str:
    """The help page: what can be run, and what needs an extra."""
    wide = max(len(one.words) for one in known) + 2
    parts = ["Usage: dompet COMMAND [OPTIONS]\n\nPublishes events. All other commands need an extra, in brackets.\n"]
    for light in (True, False):
        parts.append("")
        for one in known:
            if (one.extra == LIGHT) is light:
                parts.append(f"  {one.words:{wide}}{'' if light else f'[{one.extra}] '}{one.purpose}")
    return "\n".join(parts) + "\n\n`dompet COMMAND --help` says what a command takes; --version shows the version.\n"
