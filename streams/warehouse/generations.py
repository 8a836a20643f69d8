"""Generations of the journal: which are there, and which one is live.

The configured database ("public") holds the first generation, what no rebuild may touch, and a table that says, by one
row, which generation is live. Opening the warehouse enters the live one's database first.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from dompet.schemas.errors import DompetError
from dompet.streams.warehouse.base import Warehouse, WarehouseError
from dompet.streams.warehouse.operator_tables import quoted

FIRST: Final = 1
BUILDING, LIVE, SHOWN, DISCARDED = "building", "live", "shown", "discarded"


class Superseded(DompetError):
    """A rebuild has made another generation live than the one that this process has open."""


@dataclass(frozen=True)
class Event:
    """What became of a generation, and when, in UTC microseconds; `made_of` says of one being built what it is a
    function of.
    """

    sequence: int
    number: int
    event: str
    at_us: int
    made_of: str = ""


class Generations:
    """What the warehouse's table says, as it was when it was read."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda one: one.sequence)

    @property
    def live(self) -> int:
        """The number of the generation that is read and written."""
        return self._last(LIVE).number

    @property
    def live_since_us(self) -> int:
        """When it became live; 0 where there was never another."""
        return self._last(LIVE).at_us

    @property
    def shown(self) -> bool:
        """Whether the public views are known to read the live one."""
        switches = sum(one.event == LIVE for one in self.events)
        return switches < 2 or self._last(SHOWN).sequence > self._last(LIVE).sequence

    @property
    def building(self) -> int | None:
        """The generation that a rebuild has begun and not finished, if any."""
        return next((number for number, event in self._states().items() if event == BUILDING), None)

    @property
    def building_of(self) -> str:
        """What that one is a function of."""
        return self._last(BUILDING).made_of

    @property
    def earlier(self) -> list[int]:
        """The earlier ones that are still there, the one that was live last first."""
        live_at = {one.number: one.sequence for one in self.events if one.event == LIVE}
        there = [number for number, event in self._states().items() if event == LIVE and number != self.live]
        return sorted(there, key=live_at.__getitem__, reverse=True)

    @property
    def discarded(self) -> list[int]:
        """Those that are to be gone."""
        return [number for number, event in self._states().items() if event == DISCARDED]

    @property
    def next(self) -> int:
        """A number that none had yet."""
        return max((one.number for one in self.events), default=FIRST) + 1

    def _last(self, event: str) -> Event:
        return next((one for one in reversed(self.events) if one.event == event), Event(0, FIRST, event, 0))

    def _states(self) -> dict[int, str]:
        """By number, the last event that changed what it is."""
        return {one.number: one.event for one in self.events if one.event != SHOWN}


def read_generations(warehouse: Warehouse) -> Generations:
    """What the warehouse says of its generations; a warehouse that has no tables yet has the first one."""
    public = warehouse.public
    [there] = warehouse.rows(
        "SELECT count() AS tables FROM system.tables WHERE database = %(database)s AND name = 'generation_rows'",
        {"database": public},
    )
    if not there["tables"]:
        return Generations([])
    return _read_generations(warehouse)


def _read_generations(warehouse: Warehouse) -> Generations:
    """The same of a warehouse that has its tables."""
    sql = f"SELECT sequence, number, event, at_us, made_of FROM {quoted(warehouse.public)}.generation_rows"  # noqa: S608
    return Generations(Event(**row) for row in warehouse.rows(sql))


def record_event(warehouse: Warehouse, number: int, event: str, made_of: str = "") -> None:
    """Record what became of a generation. For LIVE this row is the switch."""
    import pyarrow as pa

    sequence = max((one.sequence for one in read_generations(warehouse).events), default=0) + 1
    row = {
        "sequence": pa.array([sequence], pa.int64()),
        "number": pa.array([number], pa.int32()),
        "event": pa.array([event]),
        "at_us": pa.array([time.time_ns() // 1000], pa.int64()),
        "made_of": pa.array([made_of]),
    }
    warehouse.insert("generation_rows", pa.table(row))


def database_of(warehouse: Warehouse, number: int) -> str:
    """Where a generation's tables are."""
    return warehouse.public if number == FIRST else f"{warehouse.public}_g{number}"


def enter_live(warehouse: Warehouse) -> None:
    """Read and write the live generation from now on."""
    database = database_of(warehouse, read_generations(warehouse).live)
    if database != warehouse.database:
        warehouse.use(database)


def check_live(warehouse: Warehouse) -> None:
    """Superseded where the generation that this process has open is not the live one any more. It is asked for each
    batch, of a warehouse that has its tables.
    """
    found = _read_generations(warehouse)
    if database_of(warehouse, found.live) != warehouse.database:
        since = datetime.fromtimestamp(found.live_since_us // 1_000_000, UTC)
        raise Superseded(
            f"generation {found.live} of the journal is live since {since:%Y-%m-%d %H:%M:%S} UTC, and this process "
            f"has {warehouse.database} open: start it again, and it goes on in the live one"
        )


def check_there(warehouse: Warehouse, number: int) -> None:
    """WarehouseError where a generation's tables are gone, though this warehouse was not asked to discard them."""
    database = database_of(warehouse, number)
    [there] = warehouse.rows(
        "SELECT count() AS tables FROM system.tables WHERE database = %(database)s AND name = 'journal_rows'",
        {"database": database},
    )
    if not there["tables"]:
        raise WarehouseError(f"generation {number} of the journal is not in {database} any more")
