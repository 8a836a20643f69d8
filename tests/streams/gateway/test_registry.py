"""The schema registry's read-only part, asked by Confluent's own client and by plain requests."""

import json
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from dompet.schemas.contracts import events_by_id, events_by_name
from dompet.schemas.json_lines import read_fields
from dompet.schemas.wire import encode_fields
from tests.support.gateway import Gateway, review

with warnings.catch_warnings(record=True):  # a package that Confluent's client needs warns of another
    from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, record_subject_name_strategy
    from confluent_kafka.schema_registry.avro import AvroSerializer
    from confluent_kafka.schema_registry.error import SchemaRegistryError
    from confluent_kafka.serialization import MessageField, SerializationContext

ID = 1007


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[SchemaRegistryClient]:
    with closing(SchemaRegistryClient({"url": gateway.url})) as client:
        yield client


def text_of(schema_id: int) -> str:
    return json.dumps(dict(events_by_id()[schema_id].schema))


@pytest.mark.parametrize("registers", [True, False])
@pytest.mark.parametrize("by_record", [True, False])
def test_a_stock_serializer_s_bytes_are_taken(
    gateway: Gateway, client: SchemaRegistryClient, toko: tuple[str, str], registers: bool, by_record: bool
) -> None:
    config: dict[str, Any] = {"auto.register.schemas": registers}
    if by_record:
        config["subject.name.strategy"] = record_subject_name_strategy
    serializer = AvroSerializer(client, text_of(ID), conf=config)
    name, fields = read_fields(json.dumps(review(toko[0])))
    topic = gateway.settings.topics.log.name
    value = serializer(fields, SerializationContext(topic, MessageField.VALUE))
    assert value == encode_fields(name, fields)
    answer = gateway.post(value, toko[1], "application/vnd.dompet.avro")
    assert (answer.status, answer.json["stored"]) == (200, 1)
    batch = b"".join(len(one).to_bytes(4, "big") + one for one in (value, b"\0\0\0\0\1", value))
    answer = gateway.post(batch, toko[1], "application/vnd.dompet.avro-batch")
    assert [one["result"] for one in answer.json["results"]] == ["stored", "invalid", "stored"]
    assert answer.json["results"][1]["reason"] == "schema id 1 belongs to no event contract"
    assert gateway.post(batch[:-1], toko[1], "application/vnd.dompet.avro-batch").status == 400


def test_every_contract_is_found_by_id_and_by_its_subjects(gateway: Gateway, client: SchemaRegistryClient) -> None:
    topic = gateway.settings.topics.log.name
    subjects = client.get_subjects()
    for schema_id, contract in events_by_id().items():
        name = f"dompet.v1.{contract.name}"
        assert json.loads(str(client.get_schema(schema_id).schema_str)) == dict(contract.schema)
        for subject in (name, f"{topic}-{name}", f"{topic}-value"):
            assert subject in subjects
            found = client.lookup_schema(subject, Schema(text_of(schema_id), "AVRO"))
            assert found.schema_id == schema_id
            assert client.get_version(subject, found.version or 0).schema_id == schema_id
        assert client.get_latest_version(name).schema_id == events_by_name()[contract.name].schema_id


def test_a_known_schema_s_registration_answers_its_id_without_docs_too(client: SchemaRegistryClient) -> None:
    schema = dict(events_by_id()[ID].schema)
    schema.pop("doc", None)
    schema["fields"] = [{name: one[name] for name in ("name", "type")} for one in schema["fields"]]
    assert client.register_schema("tokopedia.inbox-value", Schema(json.dumps(schema), "AVRO")) == ID


def test_another_schema_is_refused_in_confluent_s_form(client: SchemaRegistryClient) -> None:
    schema = dict(events_by_id()[ID].schema)
    other = Schema(json.dumps({**schema, "fields": schema["fields"][:-1]}), "AVRO")
    for subject in ("dompet.v1.CourseReviewed", "anything"):
        with pytest.raises(SchemaRegistryError, match="none of dompet's contracts") as refused:
            client.register_schema(subject, other)
        assert (refused.value.http_status_code, refused.value.error_code) == (422, 42205)
    assert client.test_compatibility("dompet.v1.CourseReviewed", Schema(text_of(ID), "AVRO"))
    assert not client.test_compatibility("dompet.v1.CourseReviewed", other)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/schemas/ids/9", 404, 40403),
        ("/schemas/ids/x", 404, 40403),
        ("/subjects/nothing/versions", 404, 40401),
        ("/subjects/dompet.v1.CourseReviewed/versions/9", 404, 40402),
        ("/subjects/dompet.v1.CourseReviewed/versions/x", 422, 42202),
    ],
)
def test_what_is_not_there_has_confluent_s_code(gateway: Gateway, path: str, status: int, code: int) -> None:
    answer = gateway.ask("GET", path)
    assert (answer.status, answer.json["error_code"]) == (status, code)


def test_it_is_read_only_and_says_so(gateway: Gateway) -> None:
    assert gateway.ask("GET", "/schemas/types").json == ["AVRO"]
    assert gateway.ask("GET", "/config").json == {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert gateway.ask("GET", "/mode").json == {"mode": "READONLY"}
    assert gateway.ask("PUT", "/config", b"{}").status == 405
    assert gateway.ask("DELETE", "/subjects/dompet.v1.CourseReviewed").status == 405
    for body in (b"", b"[]", b'{"schema": "no schema"}', b'{"schema": 7}', b"\xff", b"[" * 9_999):
        answer = gateway.ask("POST", "/subjects/dompet.v1.CourseReviewed", body)
        assert (answer.status, answer.json["error_code"]) == (422, 42201)
