"""Whether the contracts are still what was released: what an old record says must never change its meaning.

`schemas/released.toml` holds each released contract: a SHA-256 and the fields. Not Avro's own parsing canonical form,
which forgets logical types and defaults: here only docs may change.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastavro

from dompet.schemas.contracts import FixedIds, read_schema

SCHEMAS = Path(str(files("dompet.schemas")))
_ENTRY = {"sha256", "fields"}


@dataclass(frozen=True)
class Contracts:
    """All that is compared, by contract key (`Type.vN`)."""

    schemas: Mapping[str, Mapping[str, Any]]
    ids: Mapping[str, int]
    released: Mapping[str, Mapping[str, Any]]


def contracts_of_the_project() -> Contracts:
    """As they are in the files."""
    keys = sorted(path.name.removesuffix(".avsc") for path in (SCHEMAS / "avro").iterdir())
    return Contracts(
        schemas={key: read_schema(key) for key in keys},
        ids={**FixedIds().events(), **FixedIds().catalogue()},
        released=tomllib.loads((SCHEMAS / "released.toml").read_text("utf-8")),
    )


def release_entry(key: str, schema: Mapping[str, Any]) -> str:
    """What `released.toml` must hold of a contract once it is released."""
    lines = "".join(f"    {json.dumps(line)},\n" for line in _field_lines(schema).values())
    return f'["{key}"]\nsha256 = "{digest(schema)}"\nfields = [\n{lines}]\n'


def digest(schema: Mapping[str, Any]) -> str:
    """SHA-256 of the schema without its docs, as JSON with sorted keys and no blanks."""
    text = json.dumps(_without_docs(schema), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def problems(contracts: Contracts) -> list[str]:
    """Every way in which the contracts break what was released, a sentence each."""
    return [*_name_problems(contracts), *_release_problems(contracts), *_version_problems(contracts)]


def _name_problems(contracts: Contracts) -> Iterator[str]:
    for key in contracts.schemas.keys() - contracts.ids.keys():
        yield f"{key}.avsc has no id in ids.toml"
    for key in contracts.ids.keys() - contracts.schemas.keys():
        yield f"ids.toml names {key}, which has no schema"
    for key in contracts.released.keys() - contracts.schemas.keys():
        yield f"released.toml names {key}, which has no schema: a released contract is never removed"
    for key, schema in contracts.schemas.items():
        name, _, version = key.rpartition(".v")
        if schema.get("name") != name or not version.isdecimal() or version.startswith("0"):
            yield f"{key}.avsc must hold the record {name or key} and end in a version such as .v1"
        try:
            fastavro.parse_schema(json.loads(json.dumps(schema)))
        except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType) as error:
            yield f"{key}.avsc is no Avro schema: {error}"


def _release_problems(contracts: Contracts) -> Iterator[str]:
    for key, schema in contracts.schemas.items():
        entry = contracts.released.get(key)
        if entry is None:
            yield f"{key} is not in released.toml; once it is released, add:\n{release_entry(key, schema)}"
        elif entry.keys() != _ENTRY:
            yield f"released.toml: {key} must have sha256 and fields, and has {', '.join(sorted(entry))}"
        elif entry["fields"] != (lines := list(_field_lines(schema).values())):
            changed = [line for line in [*entry["fields"], *lines] if (line in entry["fields"]) != (line in lines)]
            yield f"{key} was released with other fields: {', '.join(changed) or 'their order differs'}"
        elif entry["sha256"] != digest(schema):
            yield f"{key} is not as it was released: more than its docs has changed"


def _version_problems(contracts: Contracts) -> Iterator[str]:
    for key, schema in contracts.schemas.items():
        name, _, version = key.rpartition(".v")
        if not version.isdecimal() or int(version) < 2:
            continue
        before = contracts.schemas.get(f"{name}.v{int(version) - 1}")
        if before is None:
            yield f"{key} follows no version {int(version) - 1}"
        else:
            yield from _change_problems(key, before, schema)


def _change_problems(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if (before["name"], before.get("namespace")) != (after["name"], after.get("namespace")):
        yield f"{key} has another name or namespace than the version before"
    old, new = _field_lines(before), _field_lines(after)
    for name, line in old.items():
        if name not in new:
            yield f"{key} lacks the field {name} of the version before"
        elif new[name] != line:
            yield f"{key} changes the field {line} to {new[name]}"
    kept = [name for name in new if name in old]
    if kept != [name for name in old if name in new]:
        yield f"{key} changes the order of the fields"
    for field in after["fields"]:
        if field["name"] not in old and "default" not in field:
            yield f"{key} adds the field {field['name']} without a default"


def _field_lines(schema: Mapping[str, Any]) -> dict[str, str]:
    """By field name: `score: null or long`, with ` = …` where there is a default."""
    return {
        field["name"]: f"{field['name']}: {_type_text(field['type'])}"
        + (f" = {json.dumps(field['default'])}" if "default" in field else "")
        for field in schema["fields"]
    }


def _type_text(declared: Any) -> str:
    if isinstance(declared, list):
        return " or ".join(_type_text(branch) for branch in declared)
    return str(declared.get("logicalType", declared["type"]) if isinstance(declared, dict) else declared)


def _without_docs(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _without_docs(value) for key, value in node.items() if key != "doc"}
    return [_without_docs(item) for item in node] if isinstance(node, list) else node
