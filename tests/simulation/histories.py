"""Short logs of few people, and what the model says of every record of them."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

import numpy as np

from dompet.projections.columns import COLUMNS, Kind
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.records import RawColumn, Records
from tests.model import Model, Rulebook
from tests.support.crowd import crowd
from tests.support.folding import Modelling, Row
from tests.support.logs import as_record

PARTITIONS: Final = 3
HISTORIES: Final = 50
_PEOPLE: Final = 2
_RECORDS: Final = 45
_DEAD: Final = 2
_BEGIN_US: Final = 1_590_000_000_000_000

_EMPTY: Final = {Kind.STRING: "", Kind.CATEGORY: "", Kind.NULLABLE: None}
NOTHING: Final[Row] = {column.name: _EMPTY.get(column.kind, 0) for column in COLUMNS}
"""A row of the journal with every column at its default."""

Place = tuple[int, int]
"""Partition and offset."""


@dataclass(frozen=True)
class Message:
    """A record on the log."""

    key: bytes
    value: bytes
    timestamp_us: int


@dataclass(frozen=True)
class History:
    """A log, by partition, and by place the row that the journal must have."""

    log: list[list[Message]]
    rows: dict[Place, Row]

    @property
    def ends(self) -> dict[int, int]:
        """Where each partition ends."""
        return {partition: len(messages) for partition, messages in enumerate(self.log)}

    def read(self, begins: dict[int, int], size: int) -> Records | None:
        """So many records of each of these partitions from an offset on."""
        some = [
            (p, o) for p, begin in sorted(begins.items()) for o in range(begin, min(begin + size, len(self.log[p])))
        ]
        if not some:
            return None
        messages = [self.log[partition][offset] for partition, offset in some]
        return Records(
            np.array([partition for partition, _ in some], dtype=np.int32),
            np.array([offset for _, offset in some], dtype=np.int64),
            np.array([message.timestamp_us for message in messages], dtype=np.int64),
            RawColumn.of([message.key for message in messages]),
            RawColumn.of([message.value for message in messages]),
            PARTITIONS,
        )


@cache
def history(number: int) -> History:
    """One of the histories, by its number from 0 to HISTORIES."""
    rng = Random(number)
    events: list[Row | None] = [*crowd(number, _PEOPLE)[:_RECORDS]]
    for _ in range(_DEAD):
        events.insert(rng.randint(0, len(events)), None)
    modelling = Modelling(Model(Rulebook.load()))
    log: list[list[Message]] = [[] for _ in range(PARTITIONS)]
    rows: dict[Place, Row] = {}
    for number_of_all, event in enumerate(events):
        key, value, row = _dead() if event is None else _live(event, modelling)
        partition, at_us = partition_of(key, PARTITIONS), _BEGIN_US + number_of_all
        place = (partition, len(log[partition]))
        log[partition].append(Message(key, value, at_us))
        rows[place] = row | {"partition": place[0], "offset": place[1], "recorded_at_us": at_us}
    return History(log, rows)


def _dead() -> tuple[bytes, bytes, Row]:
    """Key and value of a record that is no event, and its row."""
    return b"nobody", b"no event", NOTHING | {"outcome": "dead"}


def _live(event: Row, modelling: Modelling) -> tuple[bytes, bytes, Row]:
    """The same of an event."""
    record = as_record(event)
    return record.key or b"", record.value or b"", modelling.rows([event])[0]
