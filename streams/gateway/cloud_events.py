"""CloudEvents 1.0: an event of dompet is the `data`; what it lacks is taken from the envelope.

`type` is the event's type, with or without `dompet.v1.` before it, `id` its event_id, `time` its occurred_at and
`subject` its beneficiary_id. Where data says the same, both must agree; of the time, data decides.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from dompet.streams.gateway.brought import Input
from dompet.streams.gateway.documents import Part, members_of
from dompet.streams.gateway.inputs import input_of_line

VERSION: Final = "1.0"
HEADER: Final = "ce-"
_NAMESPACE: Final = "dompet.v1."
_TAKEN: Final = {"type": "type", "id": "event_id", "time": "occurred_at", "subject": "beneficiary_id"}
_REQUIRED: Final = ("id", "source", "type")


def input_of_cloud_event(element: Part) -> Input:
    """The event of an envelope in structured mode."""
    if not isinstance(element.value, dict):
        return _faulty(None, "the CloudEvent is not a JSON object")
    members = members_of(element)
    envelope = {name: part.value for name, part in members.items()}
    if "data_base64" in members:
        return _faulty(envelope, "data_base64 is not read: data is the event as a JSON object")
    if str(envelope.get("datacontenttype", "application/json")).partition(";")[0].strip() != "application/json":
        return _faulty(envelope, "datacontenttype is not application/json")
    return _input(envelope, members.get("data"))


def input_of_headers(headers: Mapping[str, str], data: Part) -> Input:
    """The event of a body whose envelope is in headers: binary mode."""
    found = {name.lower(): value for name, value in headers.items()}
    envelope = {name[len(HEADER) :]: unquote(value) for name, value in found.items() if name.startswith(HEADER)}
    return _input(envelope, data)


def _input(envelope: Mapping[str, Any], data: Part | None) -> Input:
    if envelope.get("specversion") != VERSION:
        return _faulty(envelope, f"specversion must be {VERSION}")
    for name in _REQUIRED:
        if not isinstance(envelope.get(name), str) or not envelope[name]:
            return _faulty(envelope, f"the CloudEvent's {name} is missing, or no text")
    if data is None or not isinstance(data.value, dict):
        return _faulty(envelope, "data is not a JSON object")
    added: dict[str, Any] = {}
    for name, field in _TAKEN.items():
        given = envelope.get(name)
        if given is None:
            continue
        given = str(given).removeprefix(_NAMESPACE) if name == "type" else given
        if field not in data.value:
            added[field] = given
        elif name != "time" and data.value[field] != given:
            return _faulty(envelope, f"the CloudEvent's {name} and data's {field} differ")
    found = input_of_line(_joined(added, data.line))
    return found if found.event_id is not None else found._replace(event_id=_id(envelope))


def _joined(added: Mapping[str, Any], line: bytes) -> bytes:
    """An object's line with more members at its begin; its own stay as they are written."""
    own = line[1:].lstrip()
    more = json.dumps(added)[1:-1].encode()
    return b"{" + more + (b", " if more and own != b"}" else b"") + own


def _faulty(envelope: Mapping[str, Any] | None, fault: str) -> Input:
    return Input(_id(envelope or {}), "", b"", b"", fault)


def _id(envelope: Mapping[str, Any]) -> str | None:
    found = envelope.get("id")
    return found if isinstance(found, str) else None
