"""What a verification is asked, and what it found."""

from dataclasses import dataclass, field

from dompet.streams.proof.chain import Head
from dompet.streams.verify.difference import Difference


@dataclass(frozen=True)
class Question:
    """What is to be verified: all partitions where none is named, offsets from `begin` up to, not including, `end`."""

    partitions: tuple[int, ...] = ()
    begin: int = 0
    end: int | None = None
    heads: tuple[Head, ...] = ()
    signature_fault: str = ""


@dataclass
class Report:
    """What was found: what was compared, a sentence each; what could not be, and why; and every difference's first."""

    records: int = 0
    compared: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Differences without a place."""
    accepted: list[str] = field(default_factory=list)
    """What is wrong with the topics, and accepted by a setting."""
    upto: dict[int, int] = field(default_factory=dict)
    """By partition, the offset up to which it was compared."""
    unrecorded: str = ""
    """Why the warehouse has no record of this, where it has none."""

    @property
    def found(self) -> int:
        """How many differences there are, with a place or without."""
        return len(self.differences) + len(self.faults)

    @property
    def holds(self) -> bool:
        """Whether all that was compared is the same."""
        return not self.found
