"""Events written and read by fastavro, which shares no code with what is tested."""

import io
import json
from typing import Any

import fastavro

from dompet.schemas.contracts import events_by_id, events_by_name, read_schema


def _avro_schema(name: str) -> Any:
    contract = events_by_name()[name]
    schema = json.loads(json.dumps(read_schema(f"{name}.v{contract.version}")))
    for field in schema["fields"]:
        if isinstance(field["type"], dict):
            field["type"] = field["type"]["type"]
    return fastavro.parse_schema(schema)


AVRO_SCHEMAS = {name: _avro_schema(name) for name in events_by_name()}


def written(name: str, fields: dict[str, Any]) -> bytes:
    """The value of an event, its time in integer microseconds."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, AVRO_SCHEMAS[name], fields)
    return b"\0" + events_by_name()[name].schema_id.to_bytes(4, "big") + body.getvalue()


def read(value: bytes) -> tuple[str, dict[str, Any]] | None:
    """What fastavro reads of a value, if that is all of it and writing it again gives the same bytes."""
    contract = events_by_id().get(int.from_bytes(value[1:5], "big"))
    if value[:1] != b"\0" or len(value) < 5 or contract is None:
        return None
    try:
        found = fastavro.schemaless_reader(io.BytesIO(value[5:]), AVRO_SCHEMAS[contract.name])
        assert isinstance(found, dict)
        return (contract.name, found) if written(contract.name, found) == value else None
    except Exception:  # noqa: BLE001  # it raises of every kind
        return None
