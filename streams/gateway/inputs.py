"""What a request brings, one input after another: an event as a record of the log, or what is wrong with it."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

from dompet.schemas.encode import Encoded
from dompet.schemas.encode_lines import encode_lines
from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.hints import event_id_of
from dompet.schemas.json_lines import read_fields
from dompet.schemas.wire import HEADER_BYTES, decode, encode_fields
from dompet.streams.publish.blocks import LINE_BYTES_MAX

_FEW: Final = 2_048
"""Lines of so few bytes together are read one by one: a column costs more than it saves."""
_ONE_BYTE: Final = 0x80


class Input(NamedTuple):
    """One input: the record of an event, or its `fault` and no record."""

    event_id: str | None
    publisher_id: str
    key: bytes
    value: bytes
    fault: str


def inputs_of_lines(text: bytes, text_at: int = 0, cut_bytes: int = 0) -> list[Input]:
    """The events of whole lines of JSON, blank ones left out, each judged as `dompet publish` judges it."""
    if len(text) <= _FEW and not cut_bytes:
        return [_of_line(line) for line in map(bytes.strip, text[text_at:].split(b"\n")) if line]
    found = encode_lines(text, text_at, LINE_BYTES_MAX, cut_bytes)
    faults = found.encoded.faults
    lines = text.split(b"\n") if faults else []
    events = _of_encoded(found.encoded)
    return [
        _faulty(lines[line], faults[row]) if row in faults else next(events)
        for row, line in enumerate(found.lines.tolist())
    ]


def warm_up() -> None:
    """Load the compiled loops, which takes seconds the first time on a machine, by the contracts' own examples."""
    examples = (files("dompet.schemas") / "examples" / "valid").iterdir()
    inputs_of_lines(b"\n".join(file.read_bytes() for file in examples))


def input_of_record(value: bytes) -> Input:
    """The event in a value of the wire format, which stays as it is; its fault is what a dead letter would say."""
    try:
        _, fields = decode(value)
    except DompetError as fault:
        return Input(None, "", b"", b"", str(fault))
    key = str(fields["beneficiary_id"]).encode()
    return Input(str(fields["event_id"]), str(fields["publisher_id"]), key, value, "")


def _of_line(line: bytes) -> Input:
    try:
        name, fields = read_fields(line)
        value = encode_fields(name, fields)
    except InvalidEvent as fault:
        return _faulty(line, fault)
    return Input(fields["event_id"], fields["publisher_id"], fields["beneficiary_id"].encode(), value, "")


def _of_encoded(encoded: Encoded) -> Iterator[Input]:
    """The rows that are events. Their values were written here, so the first fields lie where they do in every type."""
    blob = encoded.values.blob.tobytes()
    spans = (encoded.values.start, encoded.values.length, encoded.keys.start, encoded.keys.length)
    for start, size, key_start, key_size in zip(*(span.tolist() for span in spans), strict=True):
        if not size:
            continue
        event_id, at = _text(blob, start + HEADER_BYTES)
        at += key_size + (1 if blob[at] < _ONE_BYTE else 2)
        while blob[at] >= _ONE_BYTE:  # occurred_at
            at += 1
        publisher_id, _ = _text(blob, at + 1)
        yield Input(event_id, publisher_id, blob[key_start : key_start + key_size], blob[start : start + size], "")


def _text(blob: bytes, at: int) -> tuple[str, int]:
    """The id at a position, of 1 to 64 bytes, and where it ends."""
    size = blob[at]
    if size < _ONE_BYTE:
        size, at = size >> 1, at + 1
    else:
        size, at = 64, at + 2
    return blob[at : at + size].decode(), at + size


def _faulty(line: bytes, fault: InvalidEvent) -> Input:
    return Input(event_id_of(line), "", b"", b"", str(fault))
