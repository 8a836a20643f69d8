"""The catalogue's records: platforms, institutions and courses as listed, each from a moment on.

On the wire they are like events: a byte 0, the schema id in 4 bytes, the Avro body. Times are integer microseconds
since 1970-01-01 UTC, prices whole rupiah.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import fastavro
from fastavro.validation import validate

from dompet.schemas.contracts import FixedIds, read_schema
from dompet.schemas.errors import DompetError
from dompet.schemas.limits import id_fault, text_fault, time_fault

_HEADER_BYTES: Final = 5
_ALLOWED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "operator": frozenset({"government", "private"}),
        "status": frozenset({"candidate", "active", "suspended", "ended"}),
    }
)


class InvalidListing(DompetError):
    """A record of the catalogue that breaks its contract."""


class _Listed:
    """What all records of the catalogue share."""

    __slots__ = ()

    valid_from: int

    def key(self) -> str:
        """The record's key on the topic: kind, id and valid_from, so that compaction loses no past price."""
        listed_id = getattr(self, fields(self)[0].name)  # type: ignore[arg-type]
        return f"{type(self).__name__}/{listed_id}/{self.valid_from}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformListed(_Listed):
    """A partner platform, as listed from a moment on."""

    platform_id: str
    name: str
    operator: str
    mou_signed_on: date | None
    pks_signed_on: date | None
    criteria: str
    status: str
    valid_from: int
    valid_to: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InstitutionListed(_Listed):
    """A training institution, as listed from a moment on."""

    institution_id: str
    name: str
    owner_platform_id: str | None
    valid_from: int
    valid_to: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseListed(_Listed):
    """A course and its price, as listed from a moment on."""

    course_id: str
    institution_id: str
    title: str
    category: str
    price: int
    minutes: int
    outside_price: int | None
    free_elsewhere: bool
    valid_from: int
    valid_to: int | None


Listing = PlatformListed | InstitutionListed | CourseListed

LISTING_CLASSES: Final[Mapping[str, type[Listing]]] = MappingProxyType(
    {cls.__name__: cls for cls in (PlatformListed, InstitutionListed, CourseListed)}
)
"""The class of each kind of record, by its name."""


def encode_listing(type_name: str, listed: Mapping[str, object]) -> bytes:
    """The value on the topic, by the newest contract. Raises InvalidListing."""
    ids = {name: (number, schema) for number, (name, schema) in sorted(_schemas().items())}
    if type_name not in ids:
        raise InvalidListing(f"{type_name!r} is no record of the catalogue")
    schema_id, schema = ids[type_name]
    _check(type_name, schema, listed)
    return _bytes(schema_id, schema, listed)


def decode_listing(value: bytes) -> Listing:
    """The record in a value of the topic, in any version of its contract. Raises InvalidListing."""
    schema_id = int.from_bytes(value[1:_HEADER_BYTES], "big")
    if len(value) < _HEADER_BYTES or value[0] != 0 or schema_id not in _schemas():
        raise InvalidListing("the value does not begin with a byte 0 and the schema id of a catalogue record")
    name, schema = _schemas()[schema_id]
    try:
        listed: Any = fastavro.schemaless_reader(io.BytesIO(value[_HEADER_BYTES:]), schema, None)
        canonical = _bytes(schema_id, schema, listed) == value
    except Exception:  # noqa: BLE001  # bytes at random make the reader fail in every way
        canonical = False
    if not canonical:
        raise InvalidListing(f"{name}: the value is not the Avro encoding of its record")
    _check(name, schema, listed)
    return LISTING_CLASSES[name](**listed)


@cache
def _schemas() -> Mapping[int, tuple[str, Any]]:
    """Name and parsed schema by schema id; times stay integers."""
    schemas = {}
    for key, number in FixedIds().catalogue().items():
        schema = read_schema(key)
        for field in schema["fields"]:
            field["type"] = _without_time(field["type"])
        schemas[number] = (str(schema["name"]), fastavro.parse_schema(schema))
    return schemas


def _without_time(declared: Any) -> Any:
    if isinstance(declared, list):
        return [_without_time(branch) for branch in declared]
    is_time = isinstance(declared, dict) and declared.get("logicalType") == "timestamp-micros"
    return declared["type"] if is_time else declared


def _bytes(schema_id: int, schema: Any, listed: Mapping[str, object]) -> bytes:
    body = io.BytesIO(b"\0" + schema_id.to_bytes(_HEADER_BYTES - 1, "big"))
    body.seek(_HEADER_BYTES)
    fastavro.schemaless_writer(body, schema, dict(listed))
    return body.getvalue()


def _check(type_name: str, schema: Any, listed: Mapping[str, Any]) -> None:
    """Raise InvalidListing for the first field that is missing, unknown, or not what it must be."""
    types = {field["name"]: field["type"] for field in schema["fields"]}
    if unknown := listed.keys() - types.keys():
        raise InvalidListing(f"{type_name}: it has no field {min(unknown)!r}")
    for name, declared in types.items():
        if name not in listed:
            raise InvalidListing(f"{type_name}: {name} is missing")
        value = listed[name]
        if not validate(value, declared, raise_errors=False) or (fault := _fault(name, value)):
            raise InvalidListing(f"{type_name}: {fault or f'{name} is not of its type'}")
    if listed["valid_to"] is not None and listed["valid_to"] <= listed["valid_from"]:
        raise InvalidListing(f"{type_name}: valid_to is not after valid_from")


def _fault(name: str, value: Any) -> str:
    if name in _ALLOWED:
        return "" if value in _ALLOWED[name] else f"{name} must be one of {', '.join(sorted(_ALLOWED[name]))}"
    fault = None
    if isinstance(value, str):
        rule = id_fault if name.endswith("_id") else text_fault
        try:
            fault = rule(name, value, len(value.encode()))
        except UnicodeEncodeError:
            return f"{name} is not valid UTF-8"
    elif name.startswith("valid_") and value is not None:
        fault = time_fault(name, value)
    return str(fault or "")
