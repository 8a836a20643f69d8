"""How the Faust rival reads a value of the log: Confluent's five-byte header, the Avro body by fastavro, the bounds."""

import io
import json
import re
import tomllib
from importlib import resources
from typing import Any

from fastavro import parse_schema, schemaless_reader

from tests.bench.rules_rival import RULE_OF, Event

FIRST_TIME, TIMES_END = 946_684_800_000_000, 4_102_444_800_000_000
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
NIK_DIGITS = 16
FREE_TEXTS = ("decree", "reason")
SCHEMAS = resources.files("dompet.schemas")


def _schema(name: str) -> Any:
    """The contract, its times as plain longs: fastavro would make a datetime of each."""
    contract = json.loads(SCHEMAS.joinpath(f"avro/{name}.v1.avsc").read_text("utf-8"))
    for field in contract["fields"]:
        if isinstance(field["type"], dict):
            field["type"] = field["type"]["type"]
    return parse_schema(contract)


IDS: dict[str, int] = tomllib.loads(SCHEMAS.joinpath("ids.toml").read_text("utf-8"))["events"]
TYPES = {b"\0" + number.to_bytes(4, "big"): name.removesuffix(".v1") for name, number in IDS.items()}
AVRO = {name: _schema(name) for name in RULE_OF}
ID_FIELDS = {
    name: [field["name"] for field in schema["fields"] if field["type"] == "string" and field["name"] not in FREE_TEXTS]
    for name, schema in AVRO.items()
}
TEXT_FIELDS = {
    name: [field["name"] for field in schema["fields"] if field["name"] in FREE_TEXTS] for name, schema in AVRO.items()
}


def _is_within_bounds(kind: str, event: Event) -> bool:
    """Whether ids, texts and the time keep to what every contract says of them."""
    ids = [event[name] for name in ID_FIELDS[kind]]
    joined = "".join(ids)
    if joined.isascii():
        clean, sizes = joined.isprintable(), [*map(len, ids)]
    else:
        clean, sizes = not CONTROL_CHARACTER.search(joined), [len(value.encode()) for value in ids]
    beneficiary_id = event["beneficiary_id"]
    return (
        clean
        and min(sizes) > 0
        and max(sizes) <= 64
        and FIRST_TIME <= event["occurred_at"] < TIMES_END
        and not (len(beneficiary_id) == NIK_DIGITS and beneficiary_id.isascii() and beneficiary_id.isdigit())
        and all(len(event[name].encode()) <= 512 and "\0" not in event[name] for name in TEXT_FIELDS[kind])
    )


def decode(value: bytes | None) -> tuple[str, Event]:
    """The type and the event of a value; no fields for a type that the fold leaves out.

    Raises:
        ValueError: the value breaks its contract.
    """
    kind = TYPES.get(value[:5]) if value else None
    if value is None or kind is None:
        raise ValueError("no schema id of an event")
    if kind not in AVRO:
        return kind, {}
    body = io.BytesIO(value)
    body.seek(5)
    try:
        event: Any = schemaless_reader(body, AVRO[kind], None)
    except (EOFError, IndexError, OverflowError) as error:
        raise ValueError("no Avro") from error
    if body.tell() != len(value) or not _is_within_bounds(kind, event):
        raise ValueError("beyond the bounds of the contract")
    return kind, event
