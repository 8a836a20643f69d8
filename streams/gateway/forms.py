"""In which forms events may come, by Content-Type."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from dompet.schemas.errors import InvalidEvent
from dompet.streams.gateway.arrays import lines_of_array
from dompet.streams.gateway.brought import Input, Inputs, has_faults
from dompet.streams.gateway.cloud_events import HEADER, input_of_cloud_event, input_of_headers
from dompet.streams.gateway.documents import document_of, elements_of
from dompet.streams.gateway.inputs import input_of_event, input_of_record, inputs_of_lines
from dompet.streams.gateway.problems import Problem
from dompet.streams.publish.blocks import LINE_BYTES_MAX, LineBlocks

JSON: Final = "application/json"
AVRO: Final = "application/vnd.dompet.avro"
AVRO_BATCH: Final = "application/vnd.dompet.avro-batch"
LINES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_LENGTH_BYTES: Final = 4
BLOCK_BYTES: Final = 262_144
"""Of lines: about so many are judged and stored at a time."""

Headers = Mapping[str, str]
"""Of a request: names are found whatever their case."""


def content_type(headers: Headers) -> str:
    """The form of a body, without parameters. Problem 415 where it is none that is read."""
    given = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if given not in LINES and given not in DOCUMENTS:
        known = ", ".join([*DOCUMENTS, sorted(LINES)[-1]])
        raise Problem(415, f"Content-Type {given!r} is not read: {known} are")
    return given


def blocks_of_lines(body: bytes) -> Iterator[Inputs]:
    """All lines of a body that is here whole, a block at a time."""
    blocks, view = LineBlocks(), memoryview(body)
    for at in range(0, len(body), BLOCK_BYTES):
        for block in blocks.take(bytes(view[at : at + BLOCK_BYTES])):
            yield inputs_of_lines(block.text, block.text_at, block.cut_bytes)
    for block in blocks.end():
        yield inputs_of_lines(block.text, block.text_at, block.cut_bytes)


def inputs_of_document(body: bytes, form: str, headers: Headers) -> Inputs:
    """What a body of one document brings. Problem 400 where it is none."""
    return DOCUMENTS[form](body, headers)


def _json(body: bytes, headers: Headers) -> Inputs:
    if f"{HEADER}specversion" in headers:
        return [input_of_headers(headers, document_of(body))]
    if len(body) <= LINE_BYTES_MAX:
        with suppress(InvalidEvent):  # mostly it is one event; whatever else it is, is for the document to say
            return [input_of_event(body)]
    if (lines := lines_of_array(body)) is not None:
        inputs = inputs_of_lines(lines)
        if not has_faults(inputs):  # so each is an object of JSON, and the body a document
            return inputs
    document = document_of(body)
    return inputs_of_lines(b"\n".join(element.line for element in elements_of(document)))


def _cloud_event(body: bytes, headers: Headers) -> Inputs:
    return [input_of_cloud_event(document_of(body))]


def _cloud_events(body: bytes, headers: Headers) -> Inputs:
    document = document_of(body)
    if not isinstance(document.value, list):
        raise Problem(400, "a batch of CloudEvents is a JSON array")
    return [input_of_cloud_event(element) for element in elements_of(document)]


def _records(body: bytes, headers: Headers) -> Inputs:
    """Each record has its length before it, in four bytes, big-endian."""
    inputs, at = list[Input](), 0
    while at < len(body):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(body[at:begin], "big")
        if end > len(body):
            raise Problem(400, f"the record at byte {at} of the body is cut short")
        inputs.append(input_of_record(body[begin:end]))
        at = end
    return inputs


DOCUMENTS: Final[Mapping[str, Callable[[bytes, Headers], Inputs]]] = {
    JSON: _json,
    "application/cloudevents+json": _cloud_event,
    "application/cloudevents-batch+json": _cloud_events,
    AVRO: lambda body, headers: [input_of_record(body)],
    AVRO_BATCH: _records,
}
