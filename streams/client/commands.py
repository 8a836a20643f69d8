"""The work of `dompet publish` and `dompet publishers check`, whichever command line calls it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from dompet.schemas.errors import DompetError
from dompet.streams.client.checking import checked
from dompet.streams.client.finding import Finding
from dompet.streams.client.flags import STANDARD_INPUT
from dompet.streams.client.gateway import Gateway
from dompet.streams.client.http import CHECK_S, Connection
from dompet.streams.client.inbox import Inbox
from dompet.streams.client.inbox_checking import InboxCheck
from dompet.streams.client.lines import publish_lines
from dompet.streams.client.screen import Screen
from dompet.streams.client.way import Way
from dompet.streams.publish.counted import LinesPublished, OnError
from dompet.streams.settings import Settings
from dompet.streams.terminal.figures import Stopwatch, plural, speed

GATEWAY_BAD: Final = 1
INBOX_BAD: Final = 2
"""Exit codes of a check that found a problem."""

Straight = Callable[..., LinesPublished]
"""Publishes lines straight to the log: takes a source, its name, and keywords as `publish.lines.publish_lines`."""


@dataclass(frozen=True)
class PublishOptions:
    """What `dompet publish` was given."""

    file: str
    gateway: str | None
    token_file: str | None
    inbox: str | None
    on_error: OnError


@dataclass(frozen=True)
class CheckOptions:
    """What `dompet publishers check` was given."""

    name: str | None
    gateway: str
    token_file: str
    inbox: str | None


def publish(settings: Settings, options: PublishOptions, screen: Screen, straight: Straight | None) -> int:
    """Publish a file; the exit code. `straight` is None where the pipeline is not installed; `settings`
    have the broker of an inbox.
    """
    way = _way(settings, options, screen)
    if way is None and straight is None:
        raise DompetError(
            "`dompet publish` without --gateway or --inbox needs dompet[pipeline]: pip install 'dompet[pipeline]'"
        )
    with ExitStack() as stack:
        from_stdin = options.file == STANDARD_INPUT
        lines: BinaryIO = sys.stdin.buffer if from_stdin else stack.enter_context(Path(options.file).open("rb"))
        if lines.isatty():
            screen.note("reading events from the terminal, one a line; Ctrl-D ends")
        size = 0 if from_stdin else Path(options.file).stat().st_size
        watch = Stopwatch()
        show = stack.enter_context(screen.bar(f"publishing {options.file}", size))
        how: dict[str, Any] = {"on_error": options.on_error, "complain": screen.complain}
        how["progress"] = lambda bytes_read: show(bytes_read, size)
        if way is not None:
            result = publish_lines(stack.enter_context(closing(way)), way.open(), lines, options.file, **how)
        elif straight is not None:
            result = straight(lines, options.file, **how)
    screen.done(f"published {plural(result.published, 'event')} {speed(result.published, watch.seconds)}")
    if result.bad:
        left_out = f"left out {plural(result.bad, 'bad line')}"
        screen.note("stopped at the first bad line" if options.on_error is OnError.STOP else left_out)
    return 2 if result.bad else 0


def check(settings: Settings, given: CheckOptions, screen: Screen) -> int:
    """Check a publisher's token at a gateway, or its inbox on the settings' broker; the exit code."""
    if (given.name is None) == (given.inbox is None):
        raise DompetError("give NAME to check its token at a gateway, or --inbox NAME to check its inbox on --kafka")
    if given.inbox is not None:
        servers, log = _inbox_servers(settings), settings.topics.log.name
        whole = _shown(InboxCheck(servers, given.inbox, settings.client_config(), log).findings(), screen)
        return 0 if whole else INBOX_BAD
    if given.token_file == STANDARD_INPUT and sys.stdin.isatty():
        screen.note("the token, then Enter:")
    with closing(Connection(given.gateway, token_in(given.token_file), CHECK_S)) as connection:
        return 0 if _shown(checked(connection, str(given.name)), screen) else GATEWAY_BAD


def _shown(findings: Iterator[Finding], screen: Screen) -> bool:
    """Whether all went well, once each step is shown."""
    whole = True
    for one in findings:
        whole = not one.problem
        if whole:
            screen.done(f"{one.step}: {one.said}")
        else:
            screen.complain(f"✗ {one.step}: {one.problem}")
    return whole


def token_in(source: str) -> str:
    """The token that a file holds, or the first line of standard input."""
    text = sys.stdin.readline() if source == STANDARD_INPUT else Path(source).read_text("utf-8", errors="replace")
    return text.strip()


def _way(settings: Settings, options: PublishOptions, screen: Screen) -> Way | None:
    """The way in that the flags name; None for the log itself."""
    if (options.gateway is None) != (options.token_file is None):
        raise DompetError("--gateway URL and --token-file FILE go together")
    if options.gateway is not None and options.inbox is not None:
        raise DompetError("--gateway and --inbox are two ways in: give one of them")
    if options.gateway is not None and options.token_file is not None:
        if options.file == options.token_file == STANDARD_INPUT:
            raise DompetError("standard input cannot be both the events and the token")
        return Gateway(options.gateway, token_in(options.token_file), settings.outage_seconds, screen.note)
    if options.inbox is None:
        return None
    return Inbox(_inbox_servers(settings), options.inbox, settings.client_config())


def _inbox_servers(settings: Settings) -> str:
    if settings.kafka is None:
        raise DompetError("--inbox needs --kafka HOST:PORT: the broker that the inbox is on")
    return settings.kafka
