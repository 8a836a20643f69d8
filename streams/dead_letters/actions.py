"""What people did about records: rows of `letter_action_rows`, written before and after the deed."""

import getpass
import os
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pyarrow as pa

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.places import Place, in_places
from dompet.streams.warehouse.texts import text_rows

REDRIVE, DISCARD, ACCEPT = "redrive", "discard", "accept"
INTENDED, DONE, VOID = "intended", "done", "void"
TABLE: Final = "letter_action_rows"

_VERSIONS: Final = {INTENDED: 1, DONE: 2, VOID: 2}
_KINDS: Final = {int: pa.int64(), str: pa.string()}
_NARROW: Final = {"partition": pa.int32(), "to_partition": pa.int32(), "version": pa.uint8()}


class Ledger(Protocol):
    """Where actions are stored: a command's client of the warehouse, or a worker's own."""

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of a query."""

    def insert(self, table: str, rows: pa.Table) -> None:
        """Insert rows."""


@dataclass(frozen=True)
class Action:
    """Somebody's deed about one record of the log `topic`; times are UTC microseconds.

    Of a redrive: `change` says how what was published differs from the record, `value_sha256` is of its value,
    `to_partition` and `to_offset` say where it is (-1 while nobody knows), `look_from` where that partition ended
    before it was published.
    """

    topic: str
    partition: int
    offset: int
    kind: str
    stage: str
    acted_by: str
    acted_at_us: int
    note: str = ""
    change: str = ""
    value_sha256: str = ""
    to_partition: int = -1
    look_from: int = -1
    to_offset: int = -1
    action_id: str = ""

    @property
    def place(self) -> Place:
        """The record that it is about."""
        return Place(self.partition, self.offset)

    @property
    def stamp(self) -> str:
        """When it was, and by whom, for a sentence."""
        moment = datetime.fromtimestamp(self.acted_at_us // 1_000_000, UTC)
        return f"at {moment:%Y-%m-%d %H:%M:%S} UTC by {self.acted_by}"

    def at_stage(self, stage: str, to_offset: int = -1) -> "Action":
        """The same action, further on."""
        return replace(self, stage=stage, to_offset=to_offset)


def new_action(topic: str, place: Place, kind: str, stage: str, by: str, note: str = "") -> Action:
    """An action of now, with an id of its own."""
    now_us = time.time_ns() // 1000
    return Action(topic, *place, kind, stage, by, now_us, note, action_id=uuid.uuid4().hex)


def write_actions(ledger: Ledger, actions: Sequence[Action]) -> None:
    """Store actions; one that is stored already is replaced by its later stage."""
    columns = {
        field.name: pa.array([getattr(one, field.name) for one in actions], _NARROW.get(field.name, _kind(field.type)))
        for field in fields(Action)
    }
    versions = pa.array([_VERSIONS[one.stage] for one in actions], _NARROW["version"])
    ledger.insert(TABLE, pa.table({**columns, "version": versions}))


def read_actions(ledger: Ledger, topic: str, places: Iterable[Place] | None = None) -> list[Action]:
    """Actions about the log's records, or about those at these places, in the order of their time."""
    names = ", ".join(field.name for field in fields(Action))
    where = "" if places is None else f" AND {in_places(places)}"
    rows = text_rows(
        ledger,
        f"SELECT {names} FROM {TABLE} FINAL WHERE topic = %(topic)s{where} ORDER BY acted_at_us, action_id",  # noqa: S608
        {"topic": topic},
    )
    return [Action(**row) for row in rows]


def acting_user(given: str | None) -> str:
    """Who acts: the name given, else this computer's user. DompetError where it is none that could be kept."""
    try:
        name = given if given is not None else getpass.getuser()
    except (OSError, KeyError):
        name = f"user {os.getuid()}"  # one that the computer knows no name of
    if not name.strip() or len(name.encode("utf-8", "replace")) > 64 or not name.isprintable():
        raise DompetError("--by must be a name of 1 to 64 bytes")
    return name


def _kind(annotation: object) -> pa.DataType:
    return _KINDS[annotation] if isinstance(annotation, type) else pa.string()
