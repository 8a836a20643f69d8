"""A page of a question's answer, in as many queries as it takes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import pyarrow as pa

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.limits import Busy, TooSlow
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.stored import Answer

_PATIENCE_S: Final = 10.0
"""How long a reader waits for an answer of now where an older one is known."""
_beside: Final[set[asyncio.Task[Answer]]] = set()
"""Questions that go on for the next reader."""


async def page_of(
    read: Callable[[str], Awaitable[pa.Table]],
    question: Question,
    filters: Filters,
    limit: int,
    after: Sequence[Any] | None = None,
) -> pa.Table:
    """The first rows of the answer, or those after one, with the question's columns. `read` answers a query."""
    keys_sql = question.keys_sql(filters, limit, after)
    if keys_sql is None:
        return question.typed(await read(question.page_sql(filters, limit, after)))
    rows_sql = question.rows_sql(await read(keys_sql))
    return question.schema.empty_table() if rows_sql is None else question.typed(await read(rows_sql))


async def page_soon(
    asker: Asker, position: Position, question: Question, filters: Filters, limit: int
) -> tuple[pa.Table, Position]:
    """The first rows for who shows as of when they speak: as of the position, or of an older one where that is
    quicker.
    """
    spoken = [position]

    async def read(sql: str) -> pa.Table:
        found = await _soon(asker, sql, position)
        spoken.append(found.position)
        return found.table

    table = await page_of(read, question, filters, limit)
    return table, min(spoken, key=lambda one: one.looked_s)


async def _soon(asker: Asker, sql: str, position: Position) -> Answer:
    """Where the warehouse is so busy that no answer comes, an old one is better than none."""
    asked = asyncio.ensure_future(asker.read_soon(sql, position))
    try:
        done, _ = await asyncio.wait([asked], timeout=None if asker.newest(sql) is None else _PATIENCE_S)
    except asyncio.CancelledError:
        asked.cancel()
        raise
    older = asker.newest(sql)
    if older is None or (done and not isinstance(asked.exception(), Busy | TooSlow)):
        return await asked
    if not done:
        _beside.add(asked)
        asked.add_done_callback(_over)
    return older


def _over(asked: asyncio.Task[Answer]) -> None:
    _beside.discard(asked)
    if not asked.cancelled():
        asked.exception()  # who asks next is told
