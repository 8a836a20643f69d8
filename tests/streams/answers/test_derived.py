"""Answers that are added up from sums that grow with the log are those that the warehouse itself gives."""

import asyncio
from collections.abc import Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.answers.derived import DERIVED, derived_of
from dompet.streams.answers.filters import Filters, filters_of
from dompet.streams.answers.question import Question
from dompet.streams.answers.registry import QUESTIONS
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.client import OpenClient, WarehouseClient
from dompet.streams.web.core.growing import Growing
from dompet.streams.web.core.position import Position, read_position
from dompet.streams.web.core.sums import Sums
from tests.support.answered import EVENTS
from tests.support.catalogue import course, institution, platform, rows_of_listings
from tests.support.ledger import Ledger
from tests.support.warehouses import KINDS, empty_warehouse, opened

_CHOICES = {
    "platform": ("", "tokopedia"),
    "wave": ("", "3"),
    "by": ("", "institution", "wave", "course"),
    "grain": ("day", "month"),
    "publisher": ("", "tokopedia", "prakerja"),
    "from": ("", "2020-05-03", "2020-05-03T10:00:00+07:00"),
    "to": ("", "2020-09-30"),
    "as_of": ("", "2020-08-17"),
}


@pytest.fixture(params=KINDS)
def warehouse(request: pytest.FixtureRequest, clickhouse_server: str) -> Iterator[Warehouse]:
    with empty_warehouse(request.param, clickhouse_server) as url, opened(url) as one:
        yield one


def position_of(client: WarehouseClient) -> Position:
    [(topic,)] = {tuple(row.values()) for row in client.read("SELECT DISTINCT topic FROM checkpoints").to_pylist()}
    return read_position(client, topic)


def differing(client: WarehouseClient, added: Sums, names: Collection[str] = DERIVED.keys()) -> tuple[list[str], int]:
    """The questions, with their filters, of which the two ways give something else; and how many were asked."""
    position, wrong, asked = position_of(client), [], 0
    for name in names:
        question = QUESTIONS[name]
        takes = [one for one in _CHOICES if one in question.takes]
        for values in product(*(_CHOICES[one] for one in takes)):
            given = dict(zip(takes, values, strict=True))
            filters = replace(filters_of(question.takes, given), partitions=position.partitions)
            if derived_of(name, filters) is None:
                continue
            asked += 1
            found = _run(_answer(added, question, filters, position))
            if found.to_pylist() != question.typed(client.read(question.page_sql(filters, 1000))).to_pylist():
                wrong.append(f"{name} {given}")
    return wrong, asked


def _run(coroutine: Coroutine[Any, Any, pa.Table]) -> pa.Table:
    """In a thread of its own: this one may have a browser's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def _answer(added: Sums, question: Question, filters: Filters, position: Position) -> pa.Table:
    while (found := await added.answer(question, filters, position, 1000)) is None:
        pass  # on a busy machine the first sums take longer than a page waits for them
    return found


async def _sums(client: WarehouseClient, growing: Growing, name: str, position: Position) -> pa.Table:
    cube = DERIVED[name].cube
    return await growing.table(cube, position) if cube.grows else cube.typed(client.read(cube.sql("")))


def grown(client: WarehouseClient) -> Growing:
    async def read(sql: str) -> pa.Table:
        return client.read(sql)

    return Growing(read)


def added_up(client: WarehouseClient) -> Sums:
    """As pages have them, asked anew at each position."""
    answers: dict[tuple[str, str], pa.Table] = {}

    async def grow(sql: str) -> pa.Table:
        return client.read(sql)

    async def read(sql: str, position: Position) -> pa.Table:
        if (sql, position.stamp) not in answers:
            answers[sql, position.stamp] = client.read(sql)
        return answers[sql, position.stamp]

    return Sums(grow, read, read)


def test_sums_that_grew_with_the_log_answer_as_the_warehouse_does(warehouse: Warehouse, tmp_path: Path) -> None:
    client, ledger = OpenClient(warehouse), Ledger(warehouse)
    added, half = added_up(client), len(EVENTS) // 2
    for some in (EVENTS[:half], EVENTS[half : half + 7], EVENTS[half + 7 :]):
        ledger.store(some)
        wrong, asked = differing(client, added)
        assert not wrong
        assert asked > 100


def test_an_answer_is_added_up_once_for_all_who_ask(warehouse: Warehouse) -> None:
    client, ledger, question = OpenClient(warehouse), Ledger(warehouse), QUESTIONS["waves"]
    added, half = added_up(client), len(EVENTS) // 2
    ledger.store(EVENTS[:half])
    position = position_of(client)
    before = _run(_answer(added, question, Filters(), position))
    assert _run(_answer(added, question, Filters(), position)) is before
    assert _run(_answer(added, question, Filters(wave=3), position)) != before
    ledger.store(EVENTS[half:])
    assert _run(_answer(added, question, Filters(), position_of(client))) != before


def test_sales_are_judged_by_the_catalogue_as_it_is_now(warehouse: Warehouse) -> None:
    client, ledger, names = OpenClient(warehouse), Ledger(warehouse), ("judgements", "owners")
    added, growing, half = added_up(client), grown(client), len(EVENTS) // 2
    ledger.store(EVENTS[:half])
    assert not differing(client, added, names)[0]
    [sold] = client.read("SELECT platform_id, institution_id, course_id FROM orders LIMIT 1").to_pylist()
    listings = (
        platform(platform_id=sold["platform_id"]),
        institution(institution_id=sold["institution_id"], owner_platform_id=sold["platform_id"]),
        course(course_id=sold["course_id"], institution_id=sold["institution_id"], price=1),
    )
    for table, rows in rows_of_listings(listings).items():
        warehouse.insert(table, rows)
    for some in ((), EVENTS[half:]):
        ledger.store(some) if some else None
        assert not differing(client, added, names)[0]
        position = position_of(client)
        sums = _run(_sums(client, growing, "owners", position))
        judged = {row["judgement"] for row in sums.to_pylist() if row["platform_id"] == sold["platform_id"]}
        assert {"same_owner", "price_above_listed"} <= judged


def test_a_withdrawn_checkpoint_is_begun_again(warehouse: Warehouse) -> None:
    client, ledger = OpenClient(warehouse), Ledger(warehouse)
    growing, half = grown(client), len(EVENTS) // 2
    ledger.store(EVENTS[:half])
    before = _run(_sums(client, growing, "outcomes", position_of(client)))
    earlier = position_of(client)
    ledger.store(EVENTS[half:])
    _run(_sums(client, growing, "outcomes", position_of(client)))
    withdrawn = replace(earlier, journal="another")
    again = _run(_sums(client, growing, "outcomes", withdrawn))
    assert sorted(again.to_pylist(), key=str) == sorted(before.to_pylist(), key=str)


def test_sums_are_taken_in_steps_of_which_none_is_large(warehouse: Warehouse) -> None:
    client = OpenClient(warehouse)
    Ledger(warehouse).store(EVENTS)
    position = position_of(client)
    whole = _run(_sums(client, grown(client), "outcomes", position))
    asked: list[str] = []

    async def read(sql: str) -> pa.Table:
        asked.append(sql)
        return client.read(sql)

    cube = replace(DERIVED["outcomes"].cube, step=position.records // 3)
    stepped = _run(Growing(read).table(cube, position))
    assert len(asked) >= 4
    assert sorted(stepped.to_pylist(), key=str) == sorted(whole.to_pylist(), key=str)
