"""What bytes that break their contract still say about who sent them, and about whom: a guess, for people who look for
a fault. Nothing is decided by it.
"""

import json
from typing import Final, NamedTuple

from dompet.schemas.binary import Reader
from dompet.schemas.contracts import events_by_id
from dompet.schemas.dead import DeadRecord
from dompet.schemas.limits import id_fault, time_fault
from dompet.schemas.wire import HEADER_BYTES

_JSON_BYTES_MAX: Final = 65_536


class Hints(NamedTuple):
    """Ids as the bytes have them; empty where they hold none that could be one."""

    beneficiary_id: str = ""
    publisher_id: str = ""


def hints_of(value: bytes | None) -> Hints:
    """The ids in a value: of Avro whose first fields are where those of every event are, or of a JSON object."""
    if not value:
        return Hints()
    if value[:1] == b"\0":
        return _of_avro(value)
    return _of_json(value) if value.lstrip()[:1] == b"{" and len(value) <= _JSON_BYTES_MAX else Hints()


def _of_avro(value: bytes) -> Hints:
    reader, found = Reader(value, min(HEADER_BYTES, len(value))), Hints()
    known = int.from_bytes(value[1:HEADER_BYTES], "big") in events_by_id()
    try:
        _bytes(reader, "event_id")
        found = Hints(_id("beneficiary_id", _bytes(reader, "beneficiary_id")))
        time_us = reader.long("occurred_at")
        if not known and time_fault("occurred_at", time_us):  # then these are the fields of something else
            return Hints()
        return found._replace(publisher_id=_id("publisher_id", _bytes(reader, "publisher_id")))
    except DeadRecord:
        return found if known else Hints()


def _bytes(reader: Reader, field: str) -> bytes:
    """A string's bytes, whatever they are."""
    size = reader.long(field)
    if not 0 <= size <= reader.left:
        raise DeadRecord(f"{field} has no such length")
    reader.at += size
    return reader.data[reader.at - size : reader.at]


def _id(field: str, raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ""
    return "" if id_fault(field, text, len(raw)) else text


def _of_json(value: bytes) -> Hints:
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        return Hints()
    if not isinstance(content, dict):
        return Hints()
    texts = {name: one for name in Hints._fields if isinstance(one := content.get(name), str)}
    return Hints(**{name: _id(name, one.encode("utf-8", "replace")) for name, one in texts.items()})


def event_id_of(line: bytes) -> str | None:
    """The event_id in a line of JSON that may be no event; None where there is none that could be one."""
    try:
        content = json.loads(line) if len(line) <= _JSON_BYTES_MAX else None
    except (ValueError, RecursionError):
        return None
    found = content.get("event_id") if isinstance(content, dict) else None
    return _id("event_id", found.encode("utf-8", "replace")) or None if isinstance(found, str) else None
