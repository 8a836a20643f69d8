"""The contracts as Confluent's schema registry serves them, read-only: what its clients ask, answered from the files.

A subject is a record's full name (RecordNameStrategy), a topic and that name (TopicRecordNameStrategy), or
`TOPIC-value` (TopicNameStrategy, the clients' default), which has all contracts of events as its versions.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from fastavro.schema import SchemaParseException, to_parsing_canonical_form

from dompet.schemas.contracts import Contract, events_by_id
from dompet.schemas.errors import DompetError

SUBJECT_NOT_FOUND: Final = 40401
VERSION_NOT_FOUND: Final = 40402
SCHEMA_NOT_FOUND: Final = 40403
INVALID_SCHEMA: Final = 42201
INVALID_VERSION: Final = 42202
NOT_PERMITTED: Final = 42205
LEVEL: Final = "FULL_TRANSITIVE"
"""A version only adds fields with defaults (docs/changing.md), so each reads all others."""
_VALUE: Final = "-value"
_NAMESPACE: Final = "dompet.v1"
_LATEST: Final = ("latest", "-1")
_SUBJECT_CHARACTERS_MOST: Final = 400


class RegistryError(DompetError):
    """What Confluent's clients are answered where it goes wrong: HTTP's status is the code's first three digits."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = int(str(code)[:3])


def subjects(topic: str) -> list[str]:
    """The subjects that are listed; those of any other topic are answered as well."""
    names = sorted({full_name(one) for one in events_by_id().values()})
    return [*names, *(f"{topic}-{name}" for name in names), f"{topic}{_VALUE}"]


def versions(subject: str) -> Sequence[Contract]:
    """The contracts of a subject, its version 1 first. RegistryError 40401."""
    contracts = sorted(events_by_id().values(), key=lambda one: one.schema_id)
    if len(subject) <= _SUBJECT_CHARACTERS_MOST:
        for name in {full_name(one) for one in contracts}:
            if subject == name or subject.endswith(f"-{name}"):
                return [one for one in contracts if full_name(one) == name]
        if subject.endswith(_VALUE) and subject != _VALUE:
            return contracts
    raise RegistryError(SUBJECT_NOT_FOUND, f"Subject '{subject[:_SUBJECT_CHARACTERS_MOST]}' not found.")


def version_of(subject: str, version: str) -> tuple[int, Contract]:
    """A version by its number or as `latest`. RegistryError 40401, 40402, 42202."""
    contracts = versions(subject)
    if version in _LATEST:
        return len(contracts), contracts[-1]
    if not version.isascii() or not version.isdecimal() or len(version) > 9 or int(version) < 1:
        raise RegistryError(INVALID_VERSION, f"The specified version '{version[:20]}' is not a valid version id.")
    if int(version) > len(contracts):
        raise RegistryError(VERSION_NOT_FOUND, f"Version {int(version)} not found.")
    return int(version), contracts[int(version) - 1]


def by_id(schema_id: str) -> Contract:
    """The contract of an id. RegistryError 40403."""
    known = schema_id.isascii() and schema_id.isdecimal() and len(schema_id) <= 10
    contract = events_by_id().get(int(schema_id)) if known else None
    if contract is None:
        raise RegistryError(SCHEMA_NOT_FOUND, f"Schema {schema_id[:20]} not found")
    return contract


def registered(subject: str, body: bytes) -> tuple[int, Contract]:
    """The version and contract that a client's schema is. RegistryError 40403 where it is none, 42201."""
    given = canonical_of(body)
    for number, contract in enumerate(versions(subject), 1):
        if _canonical(contract.schema_id) == given:
            return number, contract
    raise RegistryError(SCHEMA_NOT_FOUND, "Schema not found")


def register(subject: str, body: bytes) -> Contract:
    """The contract that a schema to be registered is already. RegistryError 42205 where it is another one, 42201."""
    try:
        return registered(subject, body)[1]
    except RegistryError as error:
        if error.code not in (SCHEMA_NOT_FOUND, SUBJECT_NOT_FOUND):
            raise
        raise RegistryError(
            NOT_PERMITTED,
            f"Subject {subject[:_SUBJECT_CHARACTERS_MOST]} is in read-only mode: this is none of dompet's contracts,"
            " and no other can be registered. GET /subjects lists them.",
        ) from None


def canonical_of(body: bytes) -> str:
    """The Parsing Canonical Form of the schema in a request: equal where the same bytes are written. RegistryError."""
    try:
        content = json.loads(body)
        if content.get("schemaType", "AVRO") != "AVRO":
            raise RegistryError(INVALID_SCHEMA, f"schemaType {content['schemaType']!r}: the contracts are of AVRO")
        return str(to_parsing_canonical_form(json.loads(content["schema"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SchemaParseException):
        raise RegistryError(INVALID_SCHEMA, 'the body has no schema of Avro: {"schema": "…"}') from None


def shown(contract: Contract) -> str:
    """The schema as a text, as the contract's file has it."""
    return json.dumps(dict(contract.schema), ensure_ascii=False)


def full_name(contract: Contract) -> str:
    """The record's name with its namespace."""
    return f"{contract.schema.get('namespace', _NAMESPACE)}.{contract.name}"


def described(subject: str, number: int, contract: Contract) -> Mapping[str, Any]:
    """A version as clients are answered."""
    return {"subject": subject, "id": contract.schema_id, "version": number, "schema": shown(contract)}


@cache
def _canonical(schema_id: int) -> str:
    return str(to_parsing_canonical_form(dict(events_by_id()[schema_id].schema)))
