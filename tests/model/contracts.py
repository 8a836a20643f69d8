"""What an event of each type is made of, read from the contracts (`schemas/avro/*.avsc`)."""

import json
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[2] / "schemas"


def _fields() -> dict[str, dict[str, Any]]:
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted((SCHEMAS / "avro").glob("*.avsc"))]
    fields = {schema["name"]: {field["name"]: field["type"] for field in schema["fields"]} for schema in schemas}
    return {name: own for name, own in fields.items() if "event_id" in own}  # the catalogue's records have no event_id


FIELDS = _fields()
"""Event type → its fields' names, in order, with their Avro types."""

EVENT_TYPES = frozenset(FIELDS)
