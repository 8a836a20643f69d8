"""The Avro contracts as data: every record type with its version, schema id and fields.

The `.avsc` files are the home of names and fields, `ids.toml` of the ids on the wire. Everything else reads them here.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Protocol

from dompet.schemas.errors import ContractError

AVRO: Final = files("dompet.schemas") / "avro"


class Kind(StrEnum):
    """How a field is encoded."""

    STRING = "string"
    LONG = "long"
    TIME = "timestamp-micros"
    NULLABLE_LONG = "nullable long"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Field:
    """A field of an event: its name, how it is encoded, and what it means."""

    name: str
    kind: Kind
    doc: str


@dataclass(frozen=True)
class Contract:
    """One version of one record type. `schema` is the parsed `.avsc`;"""

    name: str
    version: int
    schema_id: int
    schema: Mapping[str, Any]
    fields: tuple[Field, ...]


class SchemaIds(Protocol):
    """Where the ids on the wire come from: a file today, a registry server as well one day."""

    def events(self) -> Mapping[str, int]:
        """Schema id by `Type.vN` for every event contract."""

    def catalogue(self) -> Mapping[str, int]:
        """Schema id by `Type.vN` for every catalogue contract."""


class FixedIds:
    """Ids from `schemas/ids.toml`: given once, never reused."""

    def __init__(self, text: str | None = None) -> None:
        content = tomllib.loads(text if text is not None else (files("dompet.schemas") / "ids.toml").read_text("utf-8"))
        self._events: dict[str, int] = content["events"]
        self._catalogue: dict[str, int] = content["catalogue"]
        ids = [*self._events.values(), *self._catalogue.values()]
        if len(set(ids)) != len(ids):
            raise ContractError("ids.toml: one schema id is given to two contracts")

    def events(self) -> Mapping[str, int]:
        return self._events

    def catalogue(self) -> Mapping[str, int]:
        return self._catalogue


def _kind(declared: Any) -> Kind:
    match declared:
        case "string":
            return Kind.STRING
        case "long":
            return Kind.LONG
        case "boolean":
            return Kind.BOOLEAN
        case {"type": "long", "logicalType": "timestamp-micros"}:
            return Kind.TIME
        case ["null", "long"]:
            return Kind.NULLABLE_LONG
    raise ContractError(f"an event field may not have the Avro type {json.dumps(declared)}")


def event_contract(key: str, schema_id: int, schema: Mapping[str, Any]) -> Contract:
    """The contract of a parsed event schema; ContractError where a field's type is not one that events may have."""
    name, _, version = key.rpartition(".v")
    if schema["name"] != name:
        raise ContractError(f"{key}.avsc names its record {schema['name']}")
    fields = tuple(Field(f["name"], _kind(f["type"]), f.get("doc", "")) for f in schema["fields"])
    return Contract(name, int(version), schema_id, MappingProxyType(dict(schema)), fields)


def read_schema(key: str) -> dict[str, Any]:
    """The parsed `avro/<key>.avsc`."""
    schema: dict[str, Any] = json.loads((AVRO / f"{key}.avsc").read_text("utf-8"))
    return schema


@cache
def events_by_id() -> Mapping[int, Contract]:
    """Every version of every event contract, by its schema id."""
    contracts = (event_contract(key, number, read_schema(key)) for key, number in FixedIds().events().items())
    return MappingProxyType({contract.schema_id: contract for contract in contracts})


@cache
def events_by_name() -> Mapping[str, Contract]:
    """The newest version of every event contract, by type name, in the order of their ids."""
    newest: dict[str, Contract] = {}
    for contract in sorted(events_by_id().values(), key=lambda c: (c.schema_id, c.version)):
        newest[contract.name] = contract
    return MappingProxyType(newest)


@cache
def type_codes() -> Mapping[str, int]:
    """A small number for each event type, from 1 in the order of their ids: what columns hold. 0 is no type."""
    return MappingProxyType({name: code for code, name in enumerate(events_by_name(), start=1)})
