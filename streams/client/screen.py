"""What a person sees of a light command: sentences on stderr, with Rich or without."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from dompet.streams.process.log_lines import as_json, json_line
from dompet.streams.process.secrets import redacted
from dompet.streams.process.visible import visible

Progress = Callable[[int, int], None]
"""Called with how much of how much is done."""


@dataclass(frozen=True)
class Screen:
    """Says that a step is done, what a person should know, and what is wrong with a line; shows a bar by its label."""

    done: Callable[[str], None]
    note: Callable[[str], None]
    complain: Callable[[str], None]
    bar: Callable[[str, int], AbstractContextManager[Progress]]


def plain_screen() -> Screen:
    """Lines alone."""
    return Screen(lambda said: _say(said, "✓ "), lambda said: _say(said, "• "), _write, _no_bar)


def _say(sentence: str, sign: str) -> None:
    if as_json():
        sys.stderr.write(json_line(sentence, logging.INFO, "dompet.console") + "\n")
        sys.stderr.flush()
    else:
        _write(sign + sentence)


def _write(sentence: str) -> None:
    sys.stderr.write(visible(redacted(sentence), allowed="\n") + "\n")
    sys.stderr.flush()


@contextmanager
def _no_bar(label: str, total: int) -> Iterator[Progress]:
    yield lambda done, total: None
