"""The contracts are what was released, and the check that says so finds every way to break them."""

import copy
import io
import tomllib
from collections.abc import Callable
from typing import Any

import fastavro
import pytest

from tests.schemas.compatibility import Contracts, contracts_of_the_project, problems, release_entry

PROJECT = contracts_of_the_project()
Schema = dict[str, Any]


def test_the_contracts_are_as_they_were_released() -> None:
    assert problems(PROJECT) == []
    assert PROJECT.released.keys() == PROJECT.schemas.keys() == PROJECT.ids.keys()


def _planted(change: Callable[[Schema], None], key: str = "CourseCompleted.v1", released: bool = False) -> Contracts:
    """The project's contracts with one schema changed or added; a new one is released or not."""
    schemas: dict[str, Any] = {name: dict(schema) for name, schema in PROJECT.schemas.items()}
    schema = copy.deepcopy(schemas["CourseCompleted.v1"])
    change(schema)
    schemas[key] = schema
    entries = {**PROJECT.released, **(tomllib.loads(release_entry(key, schema)) if released else {})}
    return Contracts(schemas, {**PROJECT.ids, key: 1006 if key in PROJECT.ids else 9001}, entries)


def _field(schema: Schema, name: str) -> Schema:
    found: Schema = next(field for field in schema["fields"] if field["name"] == name)
    return found


def _remove(schema: Schema) -> None:
    schema["fields"].remove(_field(schema, "score"))


def _rename(schema: Schema) -> None:
    _field(schema, "certificate_id")["name"] = "certificate"


def _retype(schema: Schema) -> None:
    _field(schema, "score")["type"] = ["null", "int"]


def _turn_union(schema: Schema) -> None:
    _field(schema, "score")["type"] = ["long", "null"]


def _drop_logical_type(schema: Schema) -> None:
    _field(schema, "occurred_at")["type"] = "long"


def _reorder(schema: Schema) -> None:
    schema["fields"].reverse()


def _add(schema: Schema) -> None:
    schema["fields"].append({"name": "hours", "type": "long"})


def _add_with_default(schema: Schema) -> None:
    schema["fields"].append({"name": "hours", "type": ["null", "long"], "default": None})


def _move_namespace(schema: Schema) -> None:
    schema["namespace"] = "dompet.v2"


def _give_default(schema: Schema) -> None:
    _field(schema, "score")["default"] = None


def _alias(schema: Schema) -> None:
    schema["aliases"] = ["CourseFinished"]


def _reword(schema: Schema) -> None:
    schema["doc"] = "Said in other words."
    for field in schema["fields"]:
        field["doc"] = "Said in other words."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_remove, "CourseCompleted.v1 was released with other fields: score: null or long"),
        (_rename, "other fields: certificate_id: string, certificate: string"),
        (_retype, "other fields: score: null or long, score: null or int"),
        (_turn_union, "other fields: score: null or long, score: long or null"),
        (_drop_logical_type, "other fields: occurred_at: timestamp-micros, occurred_at: long"),
        (_reorder, "CourseCompleted.v1 was released with other fields: their order differs"),
        (_add, "other fields: hours: long"),
        (_add_with_default, "other fields: hours: null or long = null"),
        (_give_default, "other fields: score: null or long, score: null or long = null"),
        (_move_namespace, "CourseCompleted.v1 is not as it was released: more than its docs has changed"),
        (_alias, "CourseCompleted.v1 is not as it was released: more than its docs has changed"),
    ],
)
def test_any_change_of_a_released_version_is_found(change: Callable[[Schema], None], problem: str) -> None:
    [found] = problems(_planted(change))
    assert problem in found


def test_other_words_in_its_docs_are_no_change() -> None:
    assert problems(_planted(_reword)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_remove, "CourseCompleted.v2 lacks the field score of the version before"),
        (_rename, "CourseCompleted.v2 lacks the field certificate_id of the version before"),
        (_retype, "CourseCompleted.v2 changes the field score: null or long to score: null or int"),
        (_drop_logical_type, "v2 changes the field occurred_at: timestamp-micros to occurred_at: long"),
        (_reorder, "CourseCompleted.v2 changes the order of the fields"),
        (_add, "CourseCompleted.v2 adds the field hours without a default"),
        (_move_namespace, "CourseCompleted.v2 has another name or namespace than the version before"),
    ],
)
def test_a_new_version_that_cannot_read_the_one_before_is_found(change: Callable[[Schema], None], problem: str) -> None:
    assert any(problem in found for found in problems(_planted(change, "CourseCompleted.v2", released=True)))


def test_a_new_version_with_a_new_field_and_its_default_is_fine_and_reads_the_one_before() -> None:
    contracts = _planted(_add_with_default, "CourseCompleted.v2", released=True)
    assert problems(contracts) == []
    before, after = (dict(contracts.schemas[f"CourseCompleted.v{version}"]) for version in (1, 2))
    strings = {field["name"]: "x" for field in before["fields"]}
    body = io.BytesIO()
    fastavro.schemaless_writer(body, before, {**strings, "occurred_at": 0, "score": 90})
    body.seek(0)
    read = fastavro.schemaless_reader(body, before, after)
    assert isinstance(read, dict)
    assert (read["score"], read["hours"]) == (90, None)


def test_a_new_version_that_is_not_noted_as_released_is_found_with_what_to_add() -> None:
    contracts = _planted(_add_with_default, "CourseCompleted.v2")
    [found] = problems(contracts)
    assert found.startswith("CourseCompleted.v2 is not in released.toml; once it is released, add:\n")
    assert tomllib.loads(found.partition("\n")[2])["CourseCompleted.v2"].keys() == {"sha256", "fields"}


def test_a_version_that_follows_none_is_found() -> None:
    contracts = _planted(_add_with_default, "CourseCompleted.v3", released=True)
    assert problems(contracts) == ["CourseCompleted.v3 follows no version 2"]


def test_a_schema_without_an_id_is_found() -> None:
    ids = {key: number for key, number in PROJECT.ids.items() if key != "CourseReviewed.v1"}
    assert problems(Contracts(PROJECT.schemas, ids, PROJECT.released)) == [
        "CourseReviewed.v1.avsc has no id in ids.toml"
    ]


def test_an_id_or_a_release_without_a_schema_is_found() -> None:
    schemas = {key: schema for key, schema in PROJECT.schemas.items() if key != "CourseReviewed.v1"}
    assert problems(Contracts(schemas, PROJECT.ids, PROJECT.released)) == [
        "ids.toml names CourseReviewed.v1, which has no schema",
        "released.toml names CourseReviewed.v1, which has no schema: a released contract is never removed",
    ]


@pytest.mark.parametrize("misspelt", ["CourseReviwed.v1", "CourseReviewed.1", "coursereviewed.v1"])
def test_a_misspelt_contract_in_released_toml_is_found(misspelt: str) -> None:
    released = {misspelt if key == "CourseReviewed.v1" else key: entry for key, entry in PROJECT.released.items()}
    found = problems(Contracts(PROJECT.schemas, PROJECT.ids, released))
    assert f"released.toml names {misspelt}, which has no schema: a released contract is never removed" in found
    assert any(problem.startswith("CourseReviewed.v1 is not in released.toml") for problem in found)


def test_a_misspelt_word_within_a_release_is_found() -> None:
    entry = {"sha265": "", "fields": PROJECT.released["CourseReviewed.v1"]["fields"]}
    found = problems(Contracts(PROJECT.schemas, PROJECT.ids, {**PROJECT.released, "CourseReviewed.v1": entry}))
    assert found == ["released.toml: CourseReviewed.v1 must have sha256 and fields, and has fields, sha265"]


@pytest.mark.parametrize("key", ["CourseCompleted", "CourseComplete.v2", "CourseCompleted.v02", "CourseCompleted.vx"])
def test_a_schema_file_with_a_misspelt_name_is_found(key: str) -> None:
    assert any(
        problem.startswith(f"{key}.avsc must hold the record ")
        for problem in problems(_planted(_reword, key, released=True))
    )


def test_a_default_that_is_not_of_its_fields_type_is_found() -> None:
    def add(schema: Schema) -> None:
        schema["fields"].append({"name": "hours", "type": "long", "default": "none"})

    found = problems(_planted(add, "CourseCompleted.v2", released=True))
    assert any(problem.startswith("CourseCompleted.v2.avsc is no Avro schema: ") for problem in found)
