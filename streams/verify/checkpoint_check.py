"""Checkpoints compared with the log: what each vouches for is what the fold makes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from dompet.streams.verify.difference import Difference
from dompet.streams.warehouse.client import WarehouseClient

NEWEST: Final = 1_000
"""How many checkpoints of a partition are looked at, the newest ones."""

_WORD: Final = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True)
class Vouched:
    """A checkpoint: see `dompet.streams.pipeline.checkpoints.Checkpoint`."""

    partition: int
    first_offset: int
    next_offset: int
    rows: int
    total_rows: int
    digest: int


def stored_checkpoints(ask: WarehouseClient, partitions: Iterable[int]) -> list[Vouched]:
    """The newest checkpoints of each partition."""
    some = ", ".join(map(str, partitions)) or "-1"
    names = ", ".join(Vouched.__dataclass_fields__)
    found = ask.read(
        f"SELECT {names} FROM checkpoint_rows FINAL WHERE rows > 0 AND partition IN ({some})"  # noqa: S608
        f" ORDER BY partition, next_offset DESC LIMIT {NEWEST} BY partition"
    )
    return [Vouched(**row) for row in found.to_pylist()]


def checkpoint_differences(
    below: Callable[[int, int], tuple[int, int]], vouched: Iterable[Vouched]
) -> list[Difference]:
    """Of each partition the first checkpoint that vouches for other rows than the log makes.

    `below` gives, by partition and offset, how many rows lie below it and the sum of their digests.
    """
    first: dict[int, Difference] = {}
    for one in sorted(vouched, key=lambda each: (each.partition, each.next_offset)):
        total, upto = below(one.partition, one.next_offset)
        before, sum_before = below(one.partition, one.first_offset)
        mine = {"rows": total - before, "total_rows": total, "digest": (upto - sum_before) & _WORD}
        for name, value in mine.items():
            if one.partition not in first and (found := getattr(one, name)) != value:
                says = f"{name} is {found} in the checkpoint at offset {one.next_offset}, the log says {value}"
                first[one.partition] = Difference(one.partition, one.first_offset, "checkpoints", says)
    return list(first.values())
