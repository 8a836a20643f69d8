"""Queries that read, answered in any of ClickHouse's formats, also by a worker that holds the warehouse."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dompet.streams.settings import Settings
from dompet.streams.terminal.tables import Row
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.client import at_hand, warehouse_client
from dompet.streams.warehouse.holder import ask as ask_holder

Ask = Callable[[str, str], bytes]
"""A query and a format; the answer's bytes. Raises DompetError with the refusal."""


@contextmanager
def asking(settings: Settings) -> Iterator[Ask]:
    """Ask the settings' warehouse, or the worker that holds it, while the block runs.

    DompetError where there is none yet, where it lacks tables, or where nobody answers.
    """
    with warehouse_client(settings) as opened:
        yield opened.answer


def rows(ask: Ask, sql: str) -> list[Row]:
    """A query's rows. Int64 are whole numbers, whatever writes them."""
    return [json.loads(line) for line in ask(sql, "JSONEachRow").splitlines()]


def answered(settings: Settings, ask: Callable[[Warehouse], bytes], path: str, body: dict[str, Any]) -> bytes:
    """What the warehouse answers; where a worker holds it, what the worker's page of that path answers to `body`."""
    with at_hand(settings) as place:
        return ask_holder(place, path, body) if isinstance(place, Path) else ask(place)
