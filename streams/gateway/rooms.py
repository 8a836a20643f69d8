"""Room for bodies in memory: for callers who are verified, and a smaller one for those who are not yet."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dompet.streams.gateway.problems import Problem

ROOM_BYTES: Final = 256 << 20
"""Of the bodies of verified callers together: what is read and not answered yet."""
UNVERIFIED_BYTES: Final = 64 << 20
"""The same of all others together; at most a half of it of those at one address."""
READ_AHEAD_BYTES: Final = 65_536
"""Read ahead of a connection, before it is asked to wait: whatever is taken of its body, it may hold twice as much."""


class _Room:
    """So many bytes, and of each holder at most so many."""

    def __init__(self, bytes_max: int, bytes_of_one_max: int, complaint: str) -> None:
        self._left = bytes_max
        self._of_one_max = bytes_of_one_max
        self._complaint = complaint
        self._of: Counter[str] = Counter()

    def take(self, whose: str, count: int) -> None:
        """Problem 503 where there is no room for so many more."""
        if count > self._left or self._of[whose] + count > self._of_one_max:
            raise Problem(503, self._complaint)
        self._left -= count
        self._of[whose] += count

    def give_back(self, whose: str, count: int) -> None:
        """So many of them are free again."""
        self._left += count
        self._of[whose] -= count
        if not self._of[whose]:
            del self._of[whose]


class Held:
    """The bytes that one request has in memory: at first as one of a caller who is not verified."""

    def __init__(self, unverified: _Room, verified: _Room, whose: str) -> None:
        self._room = unverified
        self._verified = verified
        self._whose = whose
        self._bytes = 0

    def add(self, count: int) -> None:
        """So many more. Problem 503 where there is no room for them."""
        self._room.take(self._whose, count)
        self._bytes += count

    def verify(self, publisher_id: str) -> None:
        """It is known who calls, and what is here is theirs. Problem 503 where there is no room for it."""
        self._verified.take(publisher_id, self._bytes)
        self._room.give_back(self._whose, self._bytes)
        self._room, self._whose = self._verified, publisher_id

    def close(self) -> None:
        """Nothing of it is in memory any more."""
        self._room.give_back(self._whose, self._bytes)
        self._bytes = 0


class Rooms:
    """Room for bodies of at most `bytes_max`."""

    def __init__(self, bytes_max: int) -> None:
        full = "the gateway reads as many bodies as it has room for"
        self._verified = _Room(ROOM_BYTES, ROOM_BYTES, full)
        each = max(UNVERIFIED_BYTES // 2, bytes_max + 2 * READ_AHEAD_BYTES)
        self._unverified = _Room(2 * each, each, f"{full} of callers who are not verified yet")

    @contextmanager
    def held(self, peer: str) -> Iterator[Held]:
        """What one request holds while the block runs. `peer`: the address that it comes from."""
        held = Held(self._unverified, self._verified, peer)
        try:
            yield held
        finally:
            held.close()
