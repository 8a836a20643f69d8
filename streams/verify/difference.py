"""What differs between the log and what was made of it: each difference has a place and says what is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Difference:
    """One difference. `offset` is the record's, or that of a wallet's or order's last accepted event."""

    partition: int
    offset: int
    what: str
    says: str

    def __str__(self) -> str:
        return f"{self.what}: partition {self.partition}, offset {self.offset}: {self.says}"


Row = Mapping[str, Any]


def row_difference(what: str, place: tuple[int, int], expected: Row | None, found: Row | None) -> Difference | None:
    """The first column in which a row of the warehouse is not what the log says; None where they are the same."""
    if expected is None:
        return Difference(*place, what, "a row too many: the log makes none here")
    if found is None:
        return Difference(*place, what, "the row is missing")
    for column, value in expected.items():
        if found[column] != value:
            return Difference(*place, what, f"{column} is {found[column]!r}, the log says {value!r}")
    return None
