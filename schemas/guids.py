"""Schemas in a record's header, as Confluent's newer serializers can name them.

`__value_schema_id` holds a byte 0 and the schema's id in 4 bytes (big-endian), or a byte 1 and the schema's GUID in 16.
The value is then the Avro body alone. A body never begins with a byte 0 (its first field, event_id, is not empty), and
a value in the older form always does: so a header counts only where the value does not begin with 0.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final
from uuid import UUID, uuid5

from dompet.schemas.contracts import events_by_id

HEADER: Final = "__value_schema_id"
BY_ID: Final = 0
BY_GUID: Final = 1
ID_BYTES: Final = 5
GUID_BYTES: Final = 17
_NAMESPACE: Final = UUID("5b9a1a52-6d1e-5d0c-9f0e-2f4d6f6d7065")


def guid_of(schema_id: int) -> UUID:
    """The GUID by which a schema registry of dompet's names the schema of this id."""
    return uuid5(_NAMESPACE, str(schema_id))


@cache
def ids_by_guid() -> Mapping[bytes, int]:
    """The ids of all events' schemas by the bytes of their GUIDs."""
    return {guid_of(schema_id).bytes: schema_id for schema_id in events_by_id()}


def id_in(header: bytes) -> int:
    """The schema id that the header's content names; −1 where it names none of an event's."""
    if len(header) == ID_BYTES and header[0] == BY_ID:
        schema_id = int.from_bytes(header[1:], "big")
        return schema_id if schema_id in events_by_id() else -1
    if len(header) == GUID_BYTES and header[0] == BY_GUID:
        return ids_by_guid().get(header[1:], -1)
    return -1
