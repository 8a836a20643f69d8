"""Queries that read, answered in any of ClickHouse's formats."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dompet.streams.settings import Settings
from dompet.streams.terminal.tables import Row
from dompet.streams.warehouse.client import warehouse_client
from dompet.streams.warehouse.waiting import waiting_reported

Ask = Callable[[str, str], bytes]
"""A query and a format; the answer's bytes. Raises DompetError with the refusal."""


@contextmanager
def asking(settings: Settings) -> Iterator[Ask]:
    """Ask the settings' warehouse, while the block runs.

    DompetError where there is none yet, where it lacks tables, or where nobody answers.
    """
    with warehouse_client(settings) as opened, waiting_reported(settings):
        yield opened.answer


def rows(ask: Ask, sql: str) -> list[Row]:
    """A query's rows. Int64 are whole numbers, whatever writes them."""
    return [json.loads(line) for line in ask(sql, "JSONEachRow").splitlines()]
