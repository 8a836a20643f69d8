"""Heads of the chain, from the warehouse or from a file, compared with those of the log as it is now."""

from collections.abc import Iterable, Mapping

from dompet.streams.proof.chain import SEGMENT, VERSION, Head
from dompet.streams.proof.chains import stored_heads
from dompet.streams.verify.difference import Difference
from dompet.streams.warehouse.client import WarehouseClient


def stored_chain(ask: WarehouseClient, ends: Mapping[int, int]) -> list[Head]:
    """The heads that the warehouse has, up to where each partition is compared."""
    below = " OR ".join(f"(partition = {p} AND next_offset <= {end})" for p, end in ends.items()) or "0"
    return stored_heads(
        ask.read(
            "SELECT partition, segment, next_offset, records, head FROM chain_rows FINAL"  # noqa: S608
            f" WHERE formula = {VERSION} AND ({below}) ORDER BY partition, segment"
        )
    )


def heads_differences(what: str, expected: Mapping[tuple[int, int], Head], found: Iterable[Head]) -> list[Difference]:
    """Of each partition the first head that is not the log's."""
    first: dict[int, Difference] = {}
    for one in sorted(found, key=lambda head: (head.partition, head.next_offset)):
        mine = expected.get((one.partition, one.next_offset))
        if one.partition not in first and one.next_offset and (says := _fault(mine, one)):
            first[one.partition] = Difference(one.partition, one.segment * SEGMENT, what, says)
    return list(first.values())


def _fault(mine: Head | None, one: Head) -> str:
    if mine is None:
        return f"there is a head at offset {one.next_offset}, which the log does not reach"
    if mine == one:
        return ""
    what = "head" if mine.head != one.head else "segment or its number of records"
    return f"the {what} below offset {one.next_offset} is {_text(one, what)}, the log says {_text(mine, what)}"


def _text(one: Head, what: str) -> str:
    return one.head.hex() if what == "head" else f"{one.segment} with {one.records}"
