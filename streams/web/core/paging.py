"""A page of a question's answer, in as many queries as it takes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pyarrow as pa

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.position import Position


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
        found = await asker.read_soon(sql, position)
        spoken.append(found.position)
        return found.table

    table = await page_of(read, question, filters, limit)
    return table, min(spoken, key=lambda one: one.looked_s)
