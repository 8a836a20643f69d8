"""The screen of the light commands where Rich is there."""

from functools import partial

from dompet.streams.client.screen import Screen
from dompet.streams.terminal.console import bar, done, err, note


def screen() -> Screen:
    """Sentences as all commands have them, and a bar in percents."""
    return Screen(done, note, partial(err.print, soft_wrap=True, markup=False), partial(bar, as_share=True))
