"""One event ⇄ one line of JSON: `{"type": "CoursePurchased", "event_id": …, "occurred_at": "2020-04-11T08:00:00Z", …}`.

Times are ISO 8601 with an offset, or integer microseconds since 1970-01-01 UTC. Nothing goes through a float.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dompet.schemas.contracts import Contract, Kind, events_by_name
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.schemas.times import read_time
from dompet.schemas.wire import encode, encode_fields, unknown_type

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_event(line: str | bytes) -> Event:
    """The event in a line of JSON. Raises InvalidEvent, which says what is wrong in one sentence."""
    name, fields = read_fields(line)
    encode_fields(name, fields)
    return EVENT_CLASSES[name](**fields)


def read_fields(line: str | bytes) -> tuple[str, dict[str, Any]]:
    """The type's name and the fields as given, times as datetimes or integer microseconds.

    Whether the fields are those of the type, and keep its limits, is for `encode_fields`. Raises InvalidEvent for what
    is not a JSON object, has no known type, or holds a text where a time should be that is none.
    """
    fields = _object(line)
    if "type" not in fields:
        raise InvalidEvent("type is missing")
    name = fields.pop("type")
    if not isinstance(name, str):
        raise InvalidEvent("type is not a string")
    contract = events_by_name().get(name)
    if contract is None:
        raise unknown_type(name)
    for field in _time_names(contract):
        if isinstance(text := fields.get(field), str):
            fields[field] = _time(f"{name}: {field}", text)
    return name, fields


def too_long(size: int, most: int) -> InvalidEvent:
    """The error for a line of so many bytes, its end included, whatever they are."""
    return InvalidEvent(f"the line has {size} bytes; at most {most} are allowed")


def write_event(event: Event) -> str:
    """The line of JSON, without its newline: all fields in the contract's order, times in UTC. Raises InvalidEvent."""
    encode(event)
    name = type(event).__name__
    contract = events_by_name()[name]
    fields = {field.name: getattr(event, field.name) for field in contract.fields}
    for field in _time_names(contract):
        fields[field] = _time_text(fields[field])
    return json.dumps({"type": name, **fields}, ensure_ascii=False)


def _object(line: str | bytes) -> dict[str, Any]:
    try:
        text = line.decode() if isinstance(line, bytes) else line
        content = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InvalidEvent(f"the line is not valid UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise InvalidEvent(f"the line is not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise InvalidEvent("the line is nested too deeply") from None
    except ValueError:
        raise InvalidEvent("the line holds a number of thousands of digits") from None
    if not isinstance(content, dict):
        raise InvalidEvent("the line is not a JSON object")
    return content


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise InvalidEvent(f"{next(name for name in names if names.count(name) > 1)!r} is given more than once")
    return content


def _refuse_constant(name: str) -> None:
    raise InvalidEvent(f"the line is not JSON: it holds {name}")


def _time_names(contract: Contract) -> list[str]:
    return [field.name for field in contract.fields if field.kind is Kind.TIME]


def _time(field: str, text: str) -> datetime:
    try:
        return read_time(text)
    except ValueError as error:
        raise InvalidEvent(f"{field} {error}") from None


def _time_text(time: datetime | int) -> str:
    utc = time.astimezone(UTC) if isinstance(time, datetime) else _EPOCH + timedelta(microseconds=time)
    return utc.isoformat().removesuffix("+00:00") + "Z"
