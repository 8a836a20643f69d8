"""Dead letters as the warehouse has them: looked for by what is known of them, and one by one with their bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.places import Place, in_places, read_place
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.client import WarehouseClient

OPEN: Final = "open"


@dataclass(frozen=True)
class Wanted:
    """Which dead letters; what is None does not matter. Times are UTC microseconds; `publisher` empty: not known."""

    reason: str | None = None
    publisher: str | None = None
    partition: int | None = None
    since_us: int | None = None
    until_us: int | None = None
    status: str | None = None

    @property
    def everything(self) -> bool:
        """Whether no letter is left out but by its status."""
        return all(one is None for one in (self.reason, self.publisher, self.partition, self.since_us, self.until_us))

    def where(self) -> str:
        """The condition in SQL, over the view `letters`."""
        conditions = {
            "error = %(reason)s": self.reason,
            "ifNull(publisher_id, '') = %(publisher)s": self.publisher,
            "partition = %(partition)s": self.partition,
            "recorded_at_us >= %(since_us)s": self.since_us,
            "recorded_at_us <= %(until_us)s": self.until_us,
            "status = %(status)s": self.status,
        }
        given = [condition for condition, value in conditions.items() if value is not None]
        return bound(" AND ".join(given) or "1", dict(vars(self)))


@dataclass(frozen=True)
class Letter:
    """One dead letter, bytes and all."""

    place: Place
    recorded_at_us: int
    error: str
    message: str
    publisher_id: str
    key: bytes | None
    value: bytes | None


def letters_sql(wanted: Wanted) -> str:
    """The query for the letters, the newest first, without their bytes."""
    return _LETTERS.replace("{where}", wanted.where())


def reasons_sql(wanted: Wanted) -> str:
    """The query for how many there are of each reason, the most first."""
    return _REASONS.replace("{where}", wanted.where())


def letters_at(client: WarehouseClient, places: Iterable[Place], topic: str) -> list[Letter]:
    """The letters at these places, in the log's order; places without one are left out."""
    found = client.read(_BYTES.replace("{where}", in_places(places)), {"topic": topic})
    return [_letter(row) for row in found.to_pylist()]


def places_of(client: WarehouseClient, wanted: Wanted) -> list[Place]:
    """Where the letters are, in the log's order."""
    rows = client.read(_PLACES.replace("{where}", wanted.where())).to_pylist()
    return [Place(row["partition"], row["offset"]) for row in rows]


def letters_found(
    client: WarehouseClient, topic: str, named: Sequence[str], wanted: Wanted, *, everything: bool = False
) -> list[Place]:
    """The letters that a person names, or the filters find; DompetError where one is not there, or nothing is said."""
    if named and not wanted.everything:
        raise DompetError("letters are named or filtered, not both")
    if named:
        places = [read_place(text) for text in named]
        there = {letter.place for letter in letters_at(client, places, topic)}
        if missing := [place for place in places if place not in there]:
            raise DompetError(f"there is no dead letter at {missing[0]}")
        return places
    if wanted.everything and not everything:
        raise DompetError("say which: PARTITION:OFFSET, a filter such as --reason, or --all")
    return places_of(client, wanted)


def _letter(row: dict[str, Any]) -> Letter:
    return Letter(
        Place(row["partition"], row["offset"]),
        row["recorded_at_us"],
        row["error"],
        row["message"],
        row["publisher"],
        bytes.fromhex(row["key_hex"]) if row["has_key"] else None,
        bytes.fromhex(row["value_hex"]) if row["has_value"] else None,
    )


_LETTERS: Final = """SELECT
    recorded_at,
    partition,
    offset,
    error,
    publisher_id,
    size,
    status,
    acted_by,
    acted_at,
    message
FROM letters
WHERE {where}
ORDER BY recorded_at_us DESC, partition, offset DESC
"""
_REASONS: Final = """SELECT
    error,
    count() AS letters,
    countIf(status = 'open') AS still_open,
    countIf(status = 'redriven') AS redriven,
    countIf(status = 'discarded') AS discarded,
    min(recorded_at) AS first_at,
    max(recorded_at) AS last_at,
    any(message) AS for_example
FROM letters
WHERE {where}
GROUP BY error
ORDER BY letters DESC, error
"""
_PLACES: Final = "SELECT partition, offset FROM letters WHERE {where} ORDER BY partition, offset"
_BYTES: Final = """SELECT
    partition,
    offset,
    recorded_at_us,
    CAST(error AS String) AS error,
    message,
    publisher,
    hex(ifNull(key, '')) AS key_hex,
    hex(ifNull(value, '')) AS value_hex,
    isNotNull(key) AS has_key,
    isNotNull(value) AS has_value
FROM
(
    SELECT * FROM dead_letter_rows FINAL WHERE topic = %(topic)s AND {where}
) AS dead
ANY LEFT JOIN
(
    SELECT partition, offset, CAST(publisher_id AS String) AS publisher
    FROM dead_letter_publisher_rows FINAL
    WHERE topic = %(topic)s AND {where}
) AS senders
USING partition, offset
ORDER BY partition, offset
"""
