"""A large journal that is made by the warehouse itself, without events: `journal.sql` says what is in it."""

from pathlib import Path
from typing import Final

from dompet.projections.columns import LATEST
from dompet.streams.pipeline.checkpoints import Checkpoint, Identity, store_checkpoints
from dompet.streams.warehouse import Warehouse

PLATFORM: Final = "tokopedia"
"""The platform that sells most."""
PARTITIONS: Final = 12
EVENTS_A_PERSON: Final = 10
AS_OF_US: Final = 1_601_474_400_000_000
"""The middle of the journal's year."""

_LAGS_A_PROGRAMME: Final = 20
_PLACES_A_PART: Final = 1_000_000
_SQL: Final = Path(__file__).with_name("journal.sql")
_PERSON_BITS: Final = (1 << 64) - 1


def person_id(number: int) -> str:
    """The beneficiary_id of a person, from 0, as `journal.sql` makes it: ClickHouse's intHash64 in hexadecimal."""
    x = (number ^ 0x4CF2D2BAAE6DA887) & _PERSON_BITS
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        x = (x ^ x >> 33) * factor & _PERSON_BITS
    digits = f"{x ^ x >> 33:x}"
    return "b-" + digits.zfill(len(digits) + len(digits) % 2)


def fill(warehouse: Warehouse, rows: int) -> int:
    """Fill an empty warehouse with about so many rows of the journal, wallets, orders and checkpoints; how many people.

    Parts are inserted in the log's order, as a worker does, each of some 700,000 rows of all partitions.
    """
    people = max(rows // EVENTS_A_PERSON, _LAGS_A_PROGRAMME)
    lag = people // _LAGS_A_PROGRAMME
    slots = people + (EVENTS_A_PERSON - 1) * lag
    places = slots * EVENTS_A_PERSON
    sql = _SQL.read_text("utf-8")
    for first in range(0, places, _PLACES_A_PART):
        count = min(_PLACES_A_PART, places - first)
        warehouse.execute(
            sql.format(people=people, lag=lag, slots=slots, partitions=PARTITIONS, first=first, count=count)
        )
        for table, key in _KEYS.items():
            warehouse.execute(_latest(table, key, first, first + count))
    identity = Identity("bench", "bench.answers", PARTITIONS, "bench")
    checkpoints = [Checkpoint(partition, 0, places, rows, rows, 0) for partition in range(PARTITIONS)]
    store_checkpoints(warehouse, identity, checkpoints, 0)
    return people


_KEYS: Final = {"wallet_rows": "beneficiary_id", "order_rows": "beneficiary_id, platform_id, order_id"}


def _latest(table: str, key: str, first: int, end: int) -> str:
    """What a worker writes beside the journal: the last accepted row of each key."""
    columns, sources = ", ".join(LATEST[table]), ", ".join(f"journal_rows.{name}" for name in LATEST[table].values())
    only = "AND order_id != ''" if table == "order_rows" else ""
    return f"""INSERT INTO {table} ({columns})
        SELECT {sources}
        FROM journal_rows
        WHERE outcome = 'accepted' {only} AND offset >= {first} AND offset < {end}
        ORDER BY offset DESC
        LIMIT 1 BY {key}"""
