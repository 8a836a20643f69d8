"""The lines that differ, as people get them: on the terminal the first ones, in a file all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dompet.streams.reconciliation.matching import NAMES, Matches, Status
from dompet.streams.settlement.files import writing

SCHEMA: Final = pa.schema(
    [
        ("status", pa.string()),
        ("line", pa.int64()),
        ("order_id", pa.string()),
        ("beneficiary_id", pa.string()),
        ("their_amount", pa.int64()),
        ("our_amount", pa.int64()),
        ("difference", pa.int64()),
        ("partition", pa.int64()),
        ("offset", pa.int64()),
    ]
)
"""Amounts are whole rupiah, null on the side that has no such line; the difference is theirs less ours. The line is the
statement's; partition and offset are the event's place in the log.
"""


FIRST_MAX: Final = 20


class Differences:
    """Hears of all lines that differ: remembers the first ones, and passes on all."""

    def __init__(self, write: Callable[[pa.Table], None] | None) -> None:
        self._write = write
        self.first: list[dict[str, Any]] = []
        self.many = 0

    @classmethod
    @contextmanager
    def into(cls, path: Path | None) -> Iterator[Self]:
        """Written to a file as well, if there is one: it is there once the block has ended well."""
        if path is None:
            yield cls(None)
            return
        with writing(path, SCHEMA) as write:
            yield cls(write)

    def add(self, lines: pa.Table) -> None:
        """Some of them."""
        self.first += lines.slice(0, FIRST_MAX - len(self.first)).to_pylist()
        self.many += len(lines)
        if self._write:
            self._write(lines)


def differences(matches: Matches, theirs: pa.Table, ours: pa.Table) -> pa.Table:
    """The lines that are not matched."""
    chosen = np.flatnonzero(matches.status != Status.MATCHED)
    their, our = (pa.array(rows[chosen], mask=rows[chosen] < 0) for rows in (matches.theirs, matches.ours))
    theirs, ours = theirs.take(their), ours.take(our)
    their_amount, our_amount = theirs["amount"], ours["amount"]
    made = {
        "status": pa.array([NAMES[status] for status in matches.status[chosen]], pa.string()),
        "line": theirs["line"],
        "order_id": pc.coalesce(ours["order_id"], theirs["order_id"]),
        "beneficiary_id": pc.coalesce(ours["beneficiary_id"], theirs["beneficiary_id"]),
        "their_amount": their_amount,
        "our_amount": our_amount,
        "difference": pc.subtract(pc.coalesce(their_amount, 0), pc.coalesce(our_amount, 0)),
        "partition": ours["partition"],
        "offset": ours["offset"],
    }
    return pa.table(made).select(SCHEMA.names).cast(SCHEMA)
