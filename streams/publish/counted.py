"""What came of a source of lines, and what is done at a bad one."""

from dataclasses import dataclass
from enum import StrEnum


class OnError(StrEnum):
    """What to do at a line that is no event: end there, or leave it out and go on."""

    STOP = "stop"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class LinesPublished:
    """How many events were delivered and acknowledged, and how many lines were no events."""

    published: int
    bad: int
