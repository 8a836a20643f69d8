"""How far an inbox is routed, as the group's committed offsets say it, and what a successor needs beside the offset.

A mark says: all records of the inbox's partition below the offset are settled, and none at or above it is on the log
below the ends that it names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from dompet.schemas.errors import DompetError

_WORD: Final = "dompet-router-1"
_OPEN: Final = "open"
_CLOSED: Final = "closed"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
METADATA_BYTES_MAX: Final = 4_096
"""What brokers take with a committed offset by default."""


class TooManyPartitions(DompetError):
    """A mark has no room for the ends of all partitions of the log."""


@dataclass(frozen=True)
class Mark:
    """What is committed beside an offset.

    `closed`: the router that wrote it sends nothing any more. Else records at or above the offset may be on their way.
    """

    log_id: str
    inbox_id: str
    ends: tuple[int, ...]
    """By partition of the log."""
    closed: bool = False

    @classmethod
    def of(cls, metadata: str | None) -> Self | None:
        """What a committed offset says; None where it says nothing that a router wrote."""
        match (metadata or "").split(" "):
            case [word, state, log_id, inbox_id, ends] if word == _WORD and state in (_OPEN, _CLOSED):
                return cls(log_id, inbox_id, tuple(int(one, 36) for one in ends.split(".")), state == _CLOSED)
        return None

    @property
    def metadata(self) -> str:
        """As a committed offset says it. Raises TooManyPartitions."""
        ends = ".".join(map(_written, self.ends))
        text = f"{_WORD} {_CLOSED if self.closed else _OPEN} {self.log_id} {self.inbox_id} {ends}"
        if len(text) > METADATA_BYTES_MAX:
            raise TooManyPartitions(
                f"the log has {len(self.ends)} partitions: too many for a router's committed offsets"
            )
        return text


def ends_of(offsets: Mapping[int, tuple[int, int]]) -> tuple[int, ...]:
    """The ends alone, by partition."""
    return tuple(offsets[partition][1] for partition in sorted(offsets))


def lowest(ends: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """By partition, the lowest of several ends."""
    return tuple(map(min, zip(*ends, strict=True)))


def _written(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
