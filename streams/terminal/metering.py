"""A long step whose speed is said at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from dompet.streams.terminal.console import Bar, bar
from dompet.streams.terminal.figures import Meter


@contextmanager
def metered_bar(label: str, total: int = 0) -> Iterator[tuple[Meter, Bar]]:
    """A bar, and the meter that reads what the bar is given."""
    meter = Meter()
    with bar(label, total) as show:

        def progress(done: int, total: int) -> None:
            meter.read(done)
            show(done, total)

        yield meter, progress
