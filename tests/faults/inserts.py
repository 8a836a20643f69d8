"""Inserts on a connection of ClickHouse's native protocol, as far as a proxy must know them to strike one.

A client asks (`INSERT INTO …`), the server answers with the columns it expects, the client sends the rows, the server
says that they are stored. Each of these is a packet whose first byte is its type.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from tests.faults.plan import Kind

_EXCEPTION: Final = 2
_NOT_ENOUGH_SPACE: Final = 243
_INSERT: Final = re.compile(rb"INSERT INTO `?(?:\w+`?\.`?)?(\w+)`?")


class Deed(Enum):
    """What the proxy does with a piece of a conversation."""

    PASS = auto()
    REFUSE = auto()
    """Answer with an error in the server's place, and pass nothing on any more."""
    BREAK = auto()
    """Reset both connections."""
    HANG = auto()
    """Pass nothing on any more, and say nothing."""


@dataclass
class Ambush:
    """Waits for inserts into a table, or into any. Counts those that it struck, and those of them that were done."""

    kind: Kind
    table: str
    struck: int = 0
    done: int = 0

    def wants(self, table: str) -> bool:
        """Whether inserts into this table are to be struck."""
        return self.table in ("", table)


class _Stage(Enum):
    IDLE = auto()
    ASKED = auto()
    EXPECTED = auto()
    SENT = auto()


class InsertWatch:
    """Follows one conversation, piece by piece, and says what is to be done with each."""

    def __init__(self) -> None:
        self._stage = _Stage.IDLE
        self._table = ""

    def from_client(self, piece: bytes, ambush: Ambush | None) -> Deed:
        """What to do with what the client says."""
        if self._stage is _Stage.IDLE and (asked := _INSERT.search(piece)):
            self._stage, self._table = _Stage.ASKED, asked[1].decode()
            return self._strike(ambush, {Kind.REFUSE: Deed.REFUSE})
        if self._stage is _Stage.EXPECTED:
            self._stage = _Stage.SENT
            return self._strike(ambush, {Kind.BREAK_BEFORE: Deed.BREAK, Kind.HANG_BEFORE: Deed.HANG})
        return Deed.PASS

    def from_server(self, piece: bytes, ambush: Ambush | None) -> Deed:
        """What to do with what the server says."""
        failed = piece[0] == _EXCEPTION
        if self._stage is _Stage.ASKED:
            self._stage = _Stage.IDLE if failed else _Stage.EXPECTED
        elif self._stage is _Stage.SENT:
            self._stage = _Stage.IDLE
            deed = self._strike(ambush, {Kind.BREAK_AFTER: Deed.BREAK, Kind.HANG_AFTER: Deed.HANG})
            if ambush and deed is not Deed.PASS:
                ambush.done += not failed
            return deed
        return Deed.PASS

    def _strike(self, ambush: Ambush | None, deeds: dict[Kind, Deed]) -> Deed:
        if ambush is None or not ambush.wants(self._table) or ambush.kind not in deeds:
            return Deed.PASS
        ambush.struck += 1
        return deeds[ambush.kind]


def refusal() -> bytes:
    """An error as a server says it: that its disk is full."""
    texts = (b"DB::Exception", b"DB::Exception: Cannot reserve 1.00 MiB, not enough space", b"")
    said = b"".join(bytes([len(text)]) + text for text in texts)
    return bytes([_EXCEPTION]) + _NOT_ENOUGH_SPACE.to_bytes(4, "little") + said + b"\0"
