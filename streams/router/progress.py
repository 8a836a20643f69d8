"""How far a router is with the partitions of inboxes that it was given."""

from collections.abc import Mapping

from dompet.streams.router.offsets import Part
from dompet.streams.router.succession import Succession


class Progress:
    """What is settled of each partition, and what behind that was on the log before this router had it."""

    def __init__(self, found: Succession | None = None) -> None:
        self._settled = dict(found.offsets) if found else {}
        self._routed = dict(found.routed) if found else {}
        self._searched_from = dict(found.searched_from) if found else {}
        self.unmarked = set(self._settled)
        """Partitions of which this router has committed nothing."""

    def __bool__(self) -> bool:
        return bool(self._settled)

    @property
    def settled(self) -> Mapping[Part, int]:
        """By partition, the offset below which each record is on the log, or among the dead letters."""
        return self._settled

    def routed(self, part: Part) -> set[int]:
        """The offsets, at or above the settled one, of records that a predecessor put on the log."""
        return self._routed.get(part, set())

    def settle(self, offsets: Mapping[Part, int]) -> None:
        """All below these is settled now."""
        self._settled |= offsets
        for part, offset in offsets.items():
            self._routed[part] = {one for one in self.routed(part) if one >= offset}

    def ends_of(self, part: Part, now: tuple[int, ...]) -> tuple[int, ...]:
        """The ends for a mark at the settled offset, where those of the log are `now`: while a predecessor's records
        lie behind that offset, those from which on they were found, as the next router must find them, too.
        """
        return self._searched_from[part] if self.routed(part) else now
