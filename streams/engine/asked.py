"""What an HTTP request asks: ClickHouse's own parameters, headers and ways to sign in."""

import asyncio
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Final

from aiohttp import BasicAuth, web

from dompet.streams.engine.allowed import names
from dompet.streams.engine.encodings import chosen_encoding, unpacked, unpacked_blocks
from dompet.streams.engine.limits import QUERY_BYTES_MAX
from dompet.streams.engine.refusals import ACCESS_DENIED, BAD_ARGUMENTS, SOCKET_TIMEOUT, SYNTAX_ERROR, Refusal

_NOT_SETTINGS: Final = names(
    """
    buffer_size close_session compress database decompress default_format http_write_exception_in_output_format
    password query query_id quota_key role session_check session_id session_timeout stacktrace user
    wait_end_of_query
    """
)
"""Parameters of the interface itself. Sessions are accepted and make no difference: nothing can be set in one."""


@dataclass(frozen=True)
class Asked:
    """One question. `form`: the format of the answer where the statement names none; `database`: empty where none is
    named.
    """

    sql: str
    user: str
    token: str
    database: str
    form: str
    query_id: str
    encoding: str
    compress: bool
    wait_for_end: bool
    params: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


async def read_question(request: web.BaseRequest, limit_s: float, bytes_max: int = QUERY_BYTES_MAX) -> Asked:
    """What the request asks; Refusal where it cannot be read, or takes longer than `limit_s` to come."""
    given = dict(request.query)
    try:
        body = await _body(request, limit_s, bytes_max)
        if request.content_type == "multipart/form-data":
            given |= dict(_form(request.headers["Content-Type"], body))
            body = b""
        if _is_on(given, "decompress"):
            body = unpacked_blocks(body, bytes_max)
        sql = "\n".join(text for text in (given.get("query", ""), body.decode()) if text)
    except UnicodeDecodeError:
        raise Refusal(SYNTAX_ERROR, "the query is not UTF-8") from None
    user, token = _signed_in(request, given)
    headers = request.headers
    return Asked(
        sql=sql,
        user=user,
        token=token,
        database=given.get("database") or headers.get("X-ClickHouse-Database") or "",
        form=given.get("default_format") or headers.get("X-ClickHouse-Format") or "TabSeparated",
        query_id=given.get("query_id") or headers.get("X-ClickHouse-Query-Id") or "",
        encoding="" if given.get("enable_http_compression") == "0" else _accepted(request),
        compress=_is_on(given, "compress"),
        wait_for_end=_is_on(given, "wait_end_of_query"),
        params={name.removeprefix("param_"): value for name, value in given.items() if name.startswith("param_")},
        settings={
            name: value
            for name, value in given.items()
            if name not in _NOT_SETTINGS and not name.startswith("param_") and value != ""
        },
    )


async def _body(request: web.BaseRequest, limit_s: float, bytes_max: int) -> bytes:
    """The body, unpacked; Refusal where it is too long or too slow."""
    content = bytearray()
    try:
        async with asyncio.timeout(limit_s):
            async for piece in request.content.iter_any():
                content += piece
                if len(content) > bytes_max:
                    raise Refusal(BAD_ARGUMENTS, f"the question is longer than {bytes_max} bytes")
    except TimeoutError:
        raise Refusal(SOCKET_TIMEOUT, f"the question did not come whole within {limit_s:g} s") from None
    return unpacked(bytes(content), request.headers.get("Content-Encoding", "").lower(), bytes_max)


def _form(content_type: str, body: bytes) -> Iterator[tuple[str, str]]:
    """The parameters of a form; Refusal where it brings a table along."""
    parsed = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = parsed.get_payload()
    for part in parts if isinstance(parts, list) else ():
        name = part.get_param("name", "", "content-disposition")  # type: ignore[union-attr]
        if part.get_filename() is not None:  # type: ignore[union-attr]
            raise Refusal(ACCESS_DENIED, "tables that come with a question are not for guests")
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        yield str(name), bytes(content if isinstance(content, bytes) else b"").decode()


def _signed_in(request: web.BaseRequest, given: Mapping[str, str]) -> tuple[str, str]:
    """Who asks: a user's name, and the token where one is given."""
    scheme, _, content = request.headers.get("Authorization", "").partition(" ")
    token = content.strip() if scheme.lower() == "bearer" else ""
    user = given.get("user") or request.headers.get("X-ClickHouse-User") or ""
    if scheme.lower() == "basic" and not user:
        try:
            user = BasicAuth.decode(f"Basic {content}", encoding="utf-8").login
        except (ValueError, binascii.Error):
            raise Refusal(BAD_ARGUMENTS, "the Authorization header is not what Basic means") from None
    return user or "default", token


def _accepted(request: web.BaseRequest) -> str:
    return chosen_encoding(request.headers.get("Accept-Encoding", ""))


def _is_on(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "").lower() in ("1", "true")
