"""A reconciliation: what it is asked for, and the sums that it finds."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dompet.streams.reconciliation.ids import SeenIds
from dompet.streams.reconciliation.mapping import Layout, Mapping, MappingError
from dompet.streams.reconciliation.matching import Status
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.reconciliation.three_way import ThreeWay
from dompet.streams.settlement.period import Period


@dataclass
class Sums:
    """Lines of one status: how many of theirs and of ours, and their amounts in rupiah."""

    their_lines: int = 0
    their_amount: int = 0
    our_lines: int = 0
    our_amount: int = 0

    def add(self, theirs: Any, ours: Any) -> None:
        """Add the amounts of both sides."""
        self.their_lines += len(theirs)
        self.their_amount += int(theirs.sum())
        self.our_lines += len(ours)
        self.our_amount += int(ours.sum())


@dataclass
class Run:
    """What is asked for; and, once it is done, what was found."""

    platform: str
    period: Period
    statement: StatementFile
    mapping: Mapping
    redemptions: Path | None = None
    bank: Path | None = None
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    sums: dict[Status, Sums] = field(default_factory=lambda: {status: Sums() for status in Status})
    three_way: ThreeWay | None = None
    our_ids: SeenIds = field(default_factory=lambda: SeenIds("of ours"))
    files: list[StatementFile] = field(default_factory=list)
    """Those that were read, with what was seen in them."""

    @property
    def differs(self) -> bool:
        """Whether any line of either side is without its match."""
        return any(sums.their_lines or sums.our_lines for status, sums in self.sums.items() if status != Status.MATCHED)

    def total(self) -> Sums:
        """All lines of both sides."""
        names = Sums.__dataclass_fields__
        return Sums(**{name: sum(getattr(one, name) for one in self.sums.values()) for name in names})

    def layout(self, role: str) -> Layout:
        """The layout of a file that is given; MappingError where the mapping has none."""
        found: Layout | None = getattr(self.mapping, role)
        if found is None:
            raise MappingError(f"the mapping has no table [{role}], which says how the {role} file is to be read")
        return found
