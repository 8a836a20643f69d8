"""What a request brings, one input after another: an event as a record of the log, or what is wrong with it."""

from typing import Final

from dompet.schemas.encode_lines import encode_lines
from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.hints import event_id_of
from dompet.schemas.json_lines import read_fields, too_long
from dompet.schemas.wire import decode, encode_fields
from dompet.streams.gateway.brought import EventColumns, Input, Inputs
from dompet.streams.publish.blocks import LINE_BYTES_MAX

_FEW: Final = 2_048
"""Lines of so few bytes together are read one by one: a column costs more than it saves."""


def inputs_of_lines(text: bytes, text_at: int = 0, cut_bytes: int = 0) -> Inputs:
    """The events of whole lines of JSON, blank ones left out, each judged as `dompet publish` judges it."""
    if len(text) <= _FEW and not cut_bytes:
        return [input_of_line(line) for line in map(bytes.strip, text[text_at:].split(b"\n")) if line]
    found = encode_lines(text, text_at, LINE_BYTES_MAX, cut_bytes)
    faults = found.encoded.faults
    lines = text.split(b"\n") if faults else []
    return EventColumns.of(found.encoded, {row: lines[found.lines[row]] for row in faults})


def input_of_line(line: bytes) -> Input:
    """The event of one line."""
    try:
        return input_of_event(line)
    except InvalidEvent as fault:
        return Input(event_id_of(line), "", b"", b"", str(fault))


def input_of_event(line: bytes) -> Input:
    """The same; InvalidEvent where the line is no event."""
    if len(line) > LINE_BYTES_MAX:
        raise too_long(len(line), LINE_BYTES_MAX)
    name, fields = read_fields(line)
    value = encode_fields(name, fields)
    return Input(fields["event_id"], fields["publisher_id"], fields["beneficiary_id"].encode(), value, "")


def input_of_record(value: bytes) -> Input:
    """The event in a value of the wire format, which stays as it is; its fault is what a dead letter would say."""
    try:
        _, fields = decode(value)
    except DompetError as fault:
        return Input(None, "", b"", b"", str(fault))
    key = str(fields["beneficiary_id"]).encode()
    return Input(str(fields["event_id"]), str(fields["publisher_id"]), key, value, "")
