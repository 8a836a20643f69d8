"""A part of a page that speaks of an older moment says so, and is two seconds older at most, unless its question takes
longer; sums that are not built yet keep no page waiting.
"""

import re
import time
from collections.abc import Iterator

import pyarrow as pa
import pytest

from dompet.streams.settings import read_settings
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.stored import Answer, Stored
from dompet.streams.web.show.language import language
from tests.support.answered import EVENTS
from tests.support.ledger import Ledger
from tests.support.warehouses import KINDS, empty_warehouse, opened
from tests.support.web import Served, served

_STORED = "dompet.streams.web.core.stored"
_HALF = len(EVENTS) // 2
_OLDER = re.compile(r'<strong class="older">(.*?)</strong>')
_NEWEST = re.compile(r'<p class="as-of">\s*(.*?)<br>', re.DOTALL)


@pytest.fixture(params=KINDS)
def growing(
    request: pytest.FixtureRequest, clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Ledger]]:
    """Pages on the first half of the events, and the ledger that takes the other half."""
    with empty_warehouse(request.param, clickhouse_server) as url:
        with opened(url) as warehouse:
            Ledger(warehouse).store(EVENTS[:_HALF])
        with served(read_settings(warehouse=url, home=tmp_path_factory.mktemp("home"))) as pages, opened(url) as engine:
            ledger = Ledger(engine)
            ledger.store(EVENTS[:_HALF])
            yield pages, ledger


def test_a_part_that_speaks_of_an_older_moment_says_so(
    growing: tuple[Served, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, ledger = growing
    monkeypatch.setattr(f"{_STORED}._LONG_S", -1.0)  # every question is one that takes long,
    monkeypatch.setattr(f"{_STORED}._REST", 1e12)  # none is asked again,
    monkeypatch.setattr(f"{_STORED}._OLDEST_S", 3600.0)  # and this machine may be slow
    before = pages.get("/catalogue", Accept_Language="id")
    assert not _OLDER.findall(before.text)
    assert "etag" in before.headers
    ledger.store(EVENTS[_HALF:])
    for code in ("id", "en"):
        while _known(page := pages.get("/catalogue", Accept_Language=code).text, code) == _HALF:
            pass
        said = language(code).text("Knows %(records)s records of the log", records=language(code).number(_HALF))
        assert _OLDER.findall(page)
        assert all(one.startswith(said) for one in _OLDER.findall(page))
    assert "etag" not in pages.get("/catalogue", Accept_Language="id").headers
    [person] = pages.get("/api/v1/wallets", {"limit": "1"}).json["rows"]
    assert not _OLDER.findall(pages.get("/person", {"person": person["beneficiary_id"]}).text)
    monkeypatch.setattr(f"{_STORED}._LONG_S", 3600.0)
    assert not _OLDER.findall(pages.get("/catalogue").text)


def test_where_no_answer_comes_in_time_the_last_one_is_shown_and_says_so(
    growing: tuple[Served, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, ledger = growing
    monkeypatch.setattr(f"{_STORED}._OLDEST_S", -1.0)
    assert not _OLDER.findall(pages.get("/catalogue").text)
    ledger.store(EVENTS[_HALF:])
    monkeypatch.setattr("dompet.streams.web.core.asking._PATIENCE_S", 0.0)
    while _known(page := pages.get("/catalogue", Accept_Language="en").text, "en") == _HALF:
        pass
    assert all(one.startswith(f"Knows {_HALF:,} records of the log") for one in _OLDER.findall(page))
    assert _OLDER.findall(page)
    monkeypatch.setattr("dompet.streams.web.core.asking._PATIENCE_S", 60.0)
    assert not _OLDER.findall(pages.get("/catalogue").text)


def _known(page: str, code: str) -> int:
    """Of how many records a page knows, by what it says at its head."""
    found = _NEWEST.search(page)
    assert found
    said = re.escape(language(code).text("Knows %(records)s records of the log", records="#")).replace(
        r"\#", r"([\d.,]+)"
    )
    known = re.match(said, found[1])
    assert known
    return int(re.sub("[.,]", "", known[1]))


@pytest.mark.parametrize(
    ("took_s", "seconds", "shown"),
    [
        (0.1, 0.5, False),
        (1.0, 0.5, True),
        (1.0, 2.0, True),
        (1.0, 2.1, False),
        (2.0, 2.1, False),
        (3.0, 18.0, True),
        (3.0, 18.1, False),
    ],
)
def test_an_answer_is_shown_for_two_seconds_or_until_a_slow_question_is_answered_again(
    took_s: float, seconds: float, shown: bool
) -> None:
    stored, answer = Stored(), Answer(pa.table({}), Position("log", looked_s=100.0), took_s)
    stored.put("SELECT 1", answer)
    assert stored.shown(answer, Position("log", looked_s=100.0 + seconds)) is shown


def test_slow_questions_rest_for_each_other_so_that_together_they_take_a_fifth_of_a_processor() -> None:
    stored, now_s = Stored(), time.monotonic()

    def asked(sql: str, took_s: float, ago_s: float) -> Answer:
        answer = Answer(pa.table({}), Position("log"), took_s, now_s - ago_s)
        stored.put(sql, answer)
        return answer

    for number in range(100):
        asked(f"SELECT {number}", 10.0, 5.0)  # each of them once: they are no load that lasts
    one = asked("SELECT 1", 10.0, 79.0)
    assert stored.rested(one)
    other = asked("SELECT 2", 10.0, 81.0)
    assert not stored.rested(one)
    assert stored.rested(other)
    asked("SELECT 3", 10.0, 1000.0)  # not of late
    assert stored.rested(other)
    asked("SELECT 3", 0.1, 0.0)  # slow no more
    assert stored.rested(other)
    for number in range(100):
        asked(f"SELECT {number}", 10.0, 239.0)
    assert not stored.rested(asked("SELECT 1", 10.0, 239.0))
    assert stored.rested(asked("SELECT 1", 10.0, 241.0))


def test_while_sums_are_built_the_warehouse_itself_is_asked(
    growing: tuple[Served, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, _ = growing
    monkeypatch.setattr("dompet.streams.web.core.growing._FIRST_S", 0.0)
    for name in ("platforms", "outcomes", "lateness", "judgements"):
        first = pages.get(f"/api/v1/{name}").json
        monkeypatch.setattr("dompet.streams.web.core.growing._FIRST_S", 60.0)
        assert first["rows"]
        assert pages.get(f"/api/v1/{name}", {"limit": "5000"}).json["rows"] == first["rows"]
        monkeypatch.setattr("dompet.streams.web.core.growing._FIRST_S", 0.0)
