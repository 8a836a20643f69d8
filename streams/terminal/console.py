"""What a person sees while a command works: steps, progress, numbers. Results go to stdout, all of this to stderr.

Without a terminal nothing moves and no control character is written: each step leaves one line.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from dompet.streams.process.log_lines import as_json, json_line
from dompet.streams.process.secrets import redacted
from dompet.streams.process.visible import visible

_PAGE_WIDTH: Final = 120
"""Where nobody knows how wide it is: in a file, or for another program."""


class SafeConsole(Console):
    """Rich's console, which shows no secret, and shows the characters that a terminal would obey instead of sending
    them.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """The segments of what is printed; styles and Rich's own control codes stay."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else visible(redacted(segment.text), allowed="\n")
            yield segment if text == segment.text else segment._replace(text=text)


out = SafeConsole(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PAGE_WIDTH)
err = SafeConsole(stderr=True, highlight=False)


RULED: Final = box.Box("    \n    \n ── \n    \n    \n ── \n    \n    \n")
"""Tables have a line under their headings and one above their sums, and none between columns."""


class Bar(Protocol):
    """Takes how much of a long step is done."""

    def __call__(self, done: int, total: int) -> None:
        """So many of so many; the total may change."""


def done(sentence: str) -> None:
    """A step is done."""
    if as_json():
        _say(sentence)
        return
    err.print(Text.assemble(("✓ ", "green"), sentence), soft_wrap=True)


def note(sentence: str) -> None:
    """Something a person should know."""
    if as_json():
        _say(sentence)
        return
    err.print(Text.assemble(("• ", "yellow"), sentence), soft_wrap=True)


@contextmanager
def working(sentence: str) -> Iterator[Callable[[str], None]]:
    """A step of which nobody knows how much is done; what it gives changes the sentence."""
    if not _live():
        yield note
        return
    with err.status(sentence) as status:
        yield status.update


@contextmanager
def bar(label: str, total: int, *, as_share: bool = False) -> Iterator[Bar]:
    """A long step: a bar while it runs, gone at its end. `as_share` shows percents, not numbers."""
    if not _live():
        yield lambda done, total: None
        return
    from dompet.streams.terminal.progress import progress_on  # most commands show none

    with progress_on(err, as_share=as_share) as progress:
        task = progress.add_task(label, total=max(total, 1))
        yield lambda done, total: progress.update(task, completed=done, total=max(done, total, 1))


def _say(sentence: str) -> None:
    sys.stderr.write(json_line(sentence, logging.INFO, "dompet.console") + "\n")
    sys.stderr.flush()


def _live() -> bool:
    return not as_json() and err.is_terminal and not err.is_dumb_terminal
