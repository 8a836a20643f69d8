"""Places of records in the log, as people write them: PARTITION:OFFSET."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from dompet.schemas.errors import DompetError

_PLACE: Final = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")


class Place(NamedTuple):
    """Where a record is in the log."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


def read_place(text: str) -> Place:
    """The place; DompetError where the text names none."""
    found = _PLACE.fullmatch(text)
    if not found:
        raise DompetError(f"{text!r} is no record's place: it must be PARTITION:OFFSET, such as 3:1702")
    return Place(int(found[1]), int(found[2]))


def in_places(places: Iterable[Place]) -> str:
    """A condition in SQL: one of these places; nothing where there is none.

    >>> in_places([Place(3, 5), Place(3, 9)])
    '((partition = 3 AND offset IN (5, 9)))'
    """
    by_partition: dict[int, list[str]] = {}
    for partition, offset in places:
        by_partition.setdefault(int(partition), []).append(str(int(offset)))
    some = (f"(partition = {number} AND offset IN ({', '.join(found)}))" for number, found in by_partition.items())
    return f"({' OR '.join(some) or '0'})"
