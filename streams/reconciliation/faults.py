"""The first line of a block that is wrong: one sentence is enough, and it is about the earliest one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dompet.streams.parsing.unpacked import BadLine


class Faults:
    """Notes what is wrong with the rows of a block, whose lines are given."""

    def __init__(self, lines: NDArray[np.int64]) -> None:
        self.lines = lines
        self._first: tuple[int, str] | None = None

    def note(self, wrong: NDArray[np.bool_], sentence: Callable[[int], str]) -> None:
        """Of the rows that are wrong the first one counts; `sentence` is asked what is wrong with it."""
        for row in np.flatnonzero(wrong)[:1].tolist():
            if self._first is None or self.lines[row] < self._first[0]:
                self._first = int(self.lines[row]), sentence(row)

    def refuse(self, path: Path) -> None:
        """Raises BadLine where anything was noted."""
        if self._first:
            raise BadLine(path, *self._first)
