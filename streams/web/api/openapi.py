"""The API described by OpenAPI, made from the questions and their filters."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.filters import PARAMETERS
from dompet.streams.answers.question import Question
from dompet.streams.process.problems import TITLES
from dompet.streams.web.api.options import FORMS, ROWS, ROWS_MOST
from dompet.streams.web.core.questions import QUESTIONS

_WHOLE: Final = {"type": "integer"}
_TYPES: Final[dict[Kind, dict[str, Any]]] = {
    **dict.fromkeys((Kind.MONEY, Kind.COUNT, Kind.NUMBER, Kind.MINUTES, Kind.SECONDS), _WHOLE),
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.YES: {"type": "boolean"},
    Kind.WORDS: {"type": "array", "items": {"type": "string"}},
}
_UNITS: Final = {
    Kind.MONEY: "Whole rupiah.",
    Kind.MINUTES: "Whole minutes.",
    Kind.SECONDS: "Whole seconds.",
    Kind.MOMENT: "UTC, to the second.",
    Kind.DAY: "A day in Asia/Jakarta.",
    Kind.PERSON: "A person's pseudonym.",
}
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": r"^[^\x00-\x1f\x7f]+$"}
_INT64: Final = {"type": "integer", "minimum": -(1 << 63), "maximum": (1 << 63) - 1}
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}


def described() -> dict[str, Any]:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dompet",
            "version": version("dompet"),
            "description": "What a training-subsidy programme paid to whom, and whether it was taken. Amounts are whole"
            " rupiah, moments ISO 8601 in UTC. A filter that is a moment takes a day such as 2020-06-30, or a time such"
            " as 2020-06-30T14:00, both in Asia/Jakarta, or a time with its offset. Every answer says as of which place"
            " of the log it speaks; its ETag is the same as long as no checkpoint moves.",
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": {**{f"/api/v1/{name}": {"get": _question(one)} for name, one in QUESTIONS.items()}, **_OTHERS},
        "components": {
            "schemas": {"AsOf": _AS_OF, "Problem": _PROBLEM_SCHEMA},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _question(question: Question) -> dict[str, Any]:
    filters = [_filter(name, needed=name in question.needs) for name in question.takes]
    row = {
        "type": "object",
        "properties": {name: _column(question, name) for name in question.columns},
        "required": list(question.columns),
        "additionalProperties": False,
    }
    answer = {
        "type": "object",
        "properties": {
            "question": {"const": question.name},
            "as_of": {"$ref": "#/components/schemas/AsOf"},
            "rows": {"type": "array", "items": row},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page, where there is one."},
        },
        "required": ["question", "as_of", "rows", "next"],
    }
    content: dict[str, Any] = {FORMS["json"]: {"schema": answer}}
    content |= {FORMS[form]: {"schema": {"type": "string", "format": "binary"}} for form in ("csv", "parquet")}
    return {
        "operationId": question.name,
        "summary": question.says,
        "tags": ["single persons" if question.personal else "sums and lists"],
        "parameters": [*filters, *_COMMON],
        "responses": {"200": {"description": question.says, "content": content}, **_FAULTS},
    }


def _column(question: Question, name: str) -> dict[str, Any]:
    kind = question.kind(name)
    found = dict(_TYPES.get(kind, {"type": "string"}))
    if name in _UNITS or kind in _UNITS:
        found["description"] = _UNITS[kind]
    return {**found, "type": [found["type"], "null"]}


def _filter(name: str, *, needed: bool) -> dict[str, Any]:
    one = PARAMETERS[name]
    schema: Mapping[str, Any] = _INT64 if one.format == "integer" else _TEXT
    if one.choices:
        schema = {"type": "string", "enum": list(one.choices)}
    return {"name": name, "in": "query", "required": needed, "description": one.says, "schema": schema}


def _parameter(name: str, says: str, schema: dict[str, Any], *, needed: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": needed, "description": says, "schema": schema}


_COMMON: Final = (
    _parameter(
        "limit",
        f"The most rows; {ROWS} if not given, and all of them in a file.",
        {"type": "integer", "minimum": 1, "maximum": ROWS_MOST},
    ),
    _parameter(
        "cursor", "From the row on that the `next` of an earlier page names.", {"type": "string", "minLength": 1}
    ),
    _parameter("format", "Instead of `Accept`.", {"type": "string", "enum": list(FORMS)}),
    _parameter(
        "min_position",
        "Answer once the record at PARTITION:OFFSET of the log is folded: so a publisher reads its own writing.",
        {"type": "string", "pattern": r"^[0-9]{1,9}:[0-9]{1,18}$"},
    ),
    _parameter("wait", "For how long at most, up to 30s.", {"type": "string", "pattern": r"^([0-9]|[12][0-9]|30)s$"}),
)
_AS_OF: Final = {
    "type": "object",
    "properties": {
        "topic": {"type": "string"},
        "stored_at": {"type": ["string", "null"], "format": "date-time"},
        "next_offsets": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "By partition of the log, the offset below which all is known.",
        },
    },
    "required": ["topic", "stored_at", "next_offsets"],
}
_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
_FAULTS: Final = {
    str(status): {"description": TITLES[status], "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status in (400, 401, 403, 404, 406, 413, 421, 429, 503)
} | {"304": {"description": "Not changed since the ETag that If-None-Match names."}}


def _other(name: str, says: str, parameters: list[dict[str, Any]], *, personal: bool) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "get": {
            "operationId": name,
            "summary": says,
            "tags": ["single persons" if personal else "sums and lists"],
            "parameters": parameters,
            "responses": {"200": {"description": says, "content": content}, **_FAULTS},
        }
    }


_ID: Final = {**_TEXT, "maxLength": 16}
_OTHERS: Final = {
    "/api/v1/find": _other(
        "find",
        "Who has a pseudonym, order, certificate, payout or event id.",
        [_parameter("text", "The id, in full.", _ID, needed=True)],
        personal=True,
    ),
    "/api/v1/person": _other(
        "person",
        "All that is known of one person.",
        [_parameter("person", "The person's pseudonym.", _TEXT, needed=True)],
        personal=True,
    ),
    "/api/v1/event": _other(
        "event",
        "One event as it was published, and what became of it.",
        [
            _parameter(
                "place", "PARTITION:OFFSET.", {"type": "string", "pattern": r"^[0-9]{1,9}:[0-9]{1,18}$"}, needed=True
            )
        ],
        personal=True,
    ),
    "/api/v1/pipeline": _other("pipeline", "How far the workers are.", [], personal=False),
    "/api/v1/position": _other("position", "As of which place of the log answers speak.", [], personal=False),
}
