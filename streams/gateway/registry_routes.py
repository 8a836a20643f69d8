"""The routes of Confluent's schema registry that are answered."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from dompet.streams.gateway import registry
from dompet.streams.gateway.registry import RegistryError
from dompet.streams.gateway.rooms import Rooms

CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
BODY_BYTES: Final = 1 << 16
_NO_ROUTE: Final = 404
_TOO_LONG: Final = 413

Asked = tuple[tuple[str, ...], bytes, Mapping[str, str]]
"""The parts of the path that vary, the body, and the parameters."""


class RegistryRoutes:
    """Answers what a schema registry's client asks; `topic` is the log's."""

    def __init__(self, topic: str, rooms: Rooms) -> None:
        self._topic = topic
        self._rooms = rooms

    async def answer(self, request: web.BaseRequest) -> web.Response | None:
        """The answer; None where no route of a registry is asked for."""
        path = request.raw_path.partition("?")[0].rstrip("/")
        method = "GET" if request.method == "HEAD" else request.method
        fitting = [(verb, found, make) for verb, pattern, make in _ROUTES if (found := pattern.fullmatch(path))]
        if not fitting:
            return None
        for verb, found, make in fitting:
            if verb == method:
                return await self._made(request, make, tuple(map(unquote, found.groups())))
        return _error(405, 405, "HTTP 405 Method Not Allowed: the registry is read-only")

    async def _made(self, request: web.BaseRequest, make: "_Make", parts: tuple[str, ...]) -> web.Response:
        body = b""
        with self._rooms.held(request.remote or "") as held:
            while request.method == "POST" and (chunk := await request.content.readany()):
                held.add(len(chunk))
                if len(body := body + chunk) > BODY_BYTES:
                    return _error(_TOO_LONG, _TOO_LONG, f"a schema may have {BODY_BYTES} bytes")
        try:
            return _answer(make(self._topic, (parts, body, request.query)))
        except RegistryError as error:
            return _error(error.status, error.code, str(error))


_Make = Callable[[str, Asked], Any]


def _subjects(topic: str, asked: Asked) -> Any:
    prefix = asked[2].get("subjectPrefix", "")
    return [one for one in registry.subjects(topic) if one.startswith(prefix)]


def _versions(topic: str, asked: Asked) -> Any:
    return list(range(1, len(registry.versions(asked[0][0])) + 1))


def _version(topic: str, asked: Asked) -> Any:
    subject, version = asked[0]
    return registry.described(subject, *registry.version_of(subject, version))


def _version_schema(topic: str, asked: Asked) -> Any:
    return dict(registry.version_of(*asked[0])[1].schema)


def _by_id(topic: str, asked: Asked) -> Any:
    return {"schema": registry.shown(registry.by_id(asked[0][0]))}


def _schema_by_id(topic: str, asked: Asked) -> Any:
    return dict(registry.by_id(asked[0][0]).schema)


def _places_of_id(topic: str, asked: Asked) -> Any:
    name = registry.full_name(registry.by_id(asked[0][0]))
    number = [one.schema_id for one in registry.versions(name)].index(int(asked[0][0])) + 1
    return [{"subject": subject, "version": number} for subject in (name, f"{topic}-{name}")]


def _look_up(topic: str, asked: Asked) -> Any:
    [subject] = asked[0]
    return registry.described(subject, *registry.registered(subject, asked[1]))


def _register(topic: str, asked: Asked) -> Any:
    return {"id": registry.register(asked[0][0], asked[1]).schema_id}


def _compatible(topic: str, asked: Asked) -> Any:
    given = registry.canonical_of(asked[1])
    number, contract = registry.version_of(*asked[0])
    same = given == registry.canonical_of(json.dumps({"schema": registry.shown(contract)}).encode())
    said = [] if same else [f"it differs from version {number}, and no other schema can be registered"]
    return {"is_compatible": same, "messages": said}


def _route(method: str, template: str, make: _Make) -> tuple[str, re.Pattern[str], _Make]:
    return method, re.compile(template.replace("*", "([^/]+)")), make


_ROUTES: Final = (
    _route("GET", "/subjects", _subjects),
    _route("POST", "/subjects/*", _look_up),
    _route("GET", "/subjects/*/versions", _versions),
    _route("POST", "/subjects/*/versions", _register),
    _route("GET", "/subjects/*/versions/*", _version),
    _route("GET", "/subjects/*/versions/*/schema", _version_schema),
    _route("GET", "/schemas/ids/*", _by_id),
    _route("GET", "/schemas/ids/*/schema", _schema_by_id),
    _route("GET", "/schemas/ids/*/versions", _places_of_id),
    _route("GET", "/schemas/types", lambda topic, asked: ["AVRO"]),
    _route("GET", "/config", lambda topic, asked: {"compatibilityLevel": registry.LEVEL}),
    _route("GET", "/config/*", lambda topic, asked: {"compatibilityLevel": registry.LEVEL}),
    _route("GET", "/mode", lambda topic, asked: {"mode": "READONLY"}),
    _route("POST", "/compatibility/subjects/*/versions/*", _compatible),
)


def _answer(content: Any, status: int = 200) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": CONTENT_TYPE})


def _error(status: int, code: int, sentence: str) -> web.Response:
    return _answer({"error_code": code, "message": sentence}, status)
