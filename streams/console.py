"""What a person sees while a command works: steps, progress, numbers. Results go to stdout, all of this to stderr.

Without a terminal nothing moves and no control character is written: each step leaves one line.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

_PAGE_WIDTH: Final = 120
"""Where nobody knows how wide it is: in a file, or for another program."""

out = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PAGE_WIDTH)
err = Console(stderr=True, highlight=False)


RULED: Final = box.Box("    \n    \n ── \n    \n    \n ── \n    \n    \n")
"""Tables have a line under their headings and one above their sums, and none between columns."""


class Bar(Protocol):
    """Told how much of a long step is done."""

    def __call__(self, done: int, total: int) -> None:
        """So many of so many; the total may change."""


def done(sentence: str) -> None:
    """A step is done."""
    err.print(Text.assemble(("✓ ", "green"), sentence), soft_wrap=True)


def note(sentence: str) -> None:
    """Something a person should know."""
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
    numbers = (TaskProgressColumn(),) if as_share else (_Count(), _Rate())
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), *numbers, TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, expand=True) as progress:
        task = progress.add_task(label, total=max(total, 1))
        yield lambda done, total: progress.update(task, completed=done, total=max(done, total, 1))


def _live() -> bool:
    return err.is_terminal and not err.is_dumb_terminal


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{count(int(task.completed))} of {count(int(task.total or 0))}", "progress.download")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{count(int(task.speed or 0))}/s", "progress.data.speed")


def write_whole(content: bytes) -> None:
    """Write bytes to stdout as they are."""
    rest = memoryview(content)
    while rest:
        # With PYTHONUNBUFFERED a write may stop short.
        rest = rest[sys.stdout.buffer.write(rest) :]


class Stopwatch:
    """How long something takes, from its making on."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The time since then."""
        return time.perf_counter() - self._began


class Meter:
    """How fast a number grows, between its first reading and its last change."""

    def __init__(self) -> None:
        self._clock = Stopwatch()
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)

    def read(self, number: int) -> None:
        """The number now."""
        reading = (number, self._clock.seconds)
        self._first = self._first or reading
        if number != self._last[0]:
            self._last = reading

    @property
    def number(self) -> int:
        """The last number read."""
        return self._last[0]

    @property
    def per_second(self) -> int:
        """By how much it grew a second; 0 where one reading saw it all."""
        number, seconds = (last - first for last, first in zip(self._last, self._first or self._last, strict=True))
        return per_second(int(number), seconds) if number else 0

    def __str__(self) -> str:
        return f": {count(self.per_second)} a second" if self.per_second else ""


def rupiah(amount: int) -> str:
    """An amount as Indonesia writes it.

    >>> rupiah(1234567), rupiah(-5000)
    ('Rp 1.234.567', '-Rp 5.000')
    """
    return f"{'-' * (amount < 0)}Rp {digits(abs(amount))}"


def digits(amount: int) -> str:
    """The same where a heading says that it is rupiah: 1.234.567."""
    return f"{amount:,}".replace(",", ".")


def count(number: int) -> str:
    """A number of things: 1,234,567."""
    return f"{number:,}"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """A number of things with their name: 1 event, 1,234 events, 2 people."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def per_second(number: int, seconds: float) -> int:
    """How many a second, for so many in so many seconds; 0 where it took no time."""
    return round(number / seconds) if seconds > 0 else 0


def speed(number: int, seconds: float) -> str:
    """So many things in so many seconds, and how many that is a second."""
    rate = per_second(number, seconds)
    return f"in {seconds:.1f} s{f': {count(rate)} a second' if rate else ''}"
