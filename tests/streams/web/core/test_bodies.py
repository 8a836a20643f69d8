"""What is sent with a request has a limit: beyond it the answer is 413, in words of whoever asks."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest

from dompet.infra.ports import HOST
from dompet.streams.settings import read_settings
from tests.support.web import Answer, Served, served

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PARTS = {"Content-Type": "multipart/form-data; boundary=here"}
_BEYOND = {"Content-Length": "99999999999"}
_PIECE = b"x" * 70_000


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Without a warehouse: what is too long is refused before it is asked."""
    home = tmp_path_factory.mktemp("home")
    with served(read_settings(warehouse="clickhouse://127.0.0.1:1/nowhere", home=home)) as one:
        yield one


def sent(pages: Served, method: str, path: str, headers: Mapping[str, str], body: Iterator[bytes] | bytes) -> Answer:
    """The answer to what is sent as it is; an iterator is sent piece by piece, without its length."""
    chunked = not isinstance(body, bytes)
    with closing(http.client.HTTPConnection(HOST, pages.port, timeout=60)) as connection:
        connection.putrequest(method, path)
        for name, value in ({**headers, "Transfer-Encoding": "chunked"} if chunked else headers).items():
            connection.putheader(name, value)
        connection.endheaders(body if body else None, encode_chunked=chunked)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "longer than the 1 MB that are taken here"), ("id", "lebih besar daripada 1 MB yang diterima di sini")],
)
def test_a_form_beyond_the_limit_is_refused_on_a_page_in_the_readers_language(
    pages: Served, language: str, says: str
) -> None:
    headers = {**_FORM, **_BEYOND, "Accept-Language": language}
    answer = sent(pages, "POST", "/order/clear", headers, b"csrf=")
    assert answer.status == 413
    assert says in answer.text
    assert f'<html lang="{language}">' in answer.text


def test_a_form_that_does_not_say_how_long_it_is_is_read_no_further_than_the_limit(pages: Served) -> None:
    answer = sent(pages, "POST", "/order/clear", _FORM, (_PIECE for _ in range(16)))
    assert answer.status == 413
    assert sent(pages, "POST", "/order/clear", _FORM, (_PIECE for _ in range(8))).status == 403


@pytest.mark.parametrize("path", ["/api/v1/waves", "/api/v1/openapi.json"])
def test_a_program_that_sends_too_much_is_answered_with_problem_details(pages: Served, path: str) -> None:
    answer = sent(pages, "GET", path, _BEYOND, b"")
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json["status"] == 413
    assert answer.json["detail"] == "what was sent is longer than 1 MB"


def test_a_statement_may_be_longer_than_a_form(pages: Served) -> None:
    head = b'--here\r\nContent-Disposition: form-data; name="statement"; filename="theirs.csv"\r\n\r\n'
    assert sent(pages, "POST", "/reconcile", _PARTS, iter([head, *[_PIECE] * 20, b"\r\n--here--\r\n"])).status == 403
    answer = sent(pages, "POST", "/reconcile", {**_FORM, **_BEYOND}, b"csrf=")
    assert answer.status == 413
    assert "257 MB" in answer.text


def test_a_field_that_is_too_long_is_refused_and_so_is_a_form_that_is_none(pages: Served) -> None:
    field = b'--here\r\nContent-Disposition: form-data; name="mapping"\r\n\r\n' + _PIECE * 16 + b"\r\n--here--\r\n"
    assert sent(pages, "POST", "/reconcile", {**_PARTS, "Content-Length": str(len(field))}, field).status == 413
    broken = b"--elsewhere\r\n\r\n"
    answer = sent(pages, "POST", "/reconcile", {**_PARTS, "Content-Length": str(len(broken))}, broken)
    assert answer.status == 400
    assert "load its page again" in answer.text
