"""Asking the warehouse, whoever holds it: queries that read, answered in any of ClickHouse's formats."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from dompet.schemas.errors import DompetError
from dompet.streams.holder import ask as ask_holder
from dompet.streams.settings import Settings
from dompet.streams.warehouse import WarehouseBusy, open_warehouse
from dompet.streams.warehouse.migrate import migrations

Ask = Callable[[str, str], bytes]
"""A query and a format; the answer's bytes. Raises DompetError with the refusal."""
Row = dict[str, Any]


@contextmanager
def asking(settings: Settings) -> Iterator[Ask]:
    """Ask the settings' warehouse, or the worker that holds it, while the block runs.

    DompetError where there is none yet, where it lacks tables, or where nobody answers.
    """
    folder = settings.warehouse_folder
    if folder and not folder.is_dir():
        raise DompetError(f"there is no warehouse at {folder} yet: `dompet demo` or `dompet migrate` makes one")
    try:
        opened = open_warehouse(settings.warehouse)
    except WarehouseBusy:
        if folder is None:
            raise
        place = folder

        def ask(sql: str, form: str) -> bytes:
            return ask_holder(place, "/query", {"sql": sql, "format": form})

        yield _migrated(ask)
        return
    with closing(opened):
        yield _migrated(opened.answer)


def rows(ask: Ask, sql: str) -> list[Row]:
    """A query's rows. Int64 are whole numbers, whatever writes them."""
    return [json.loads(line) for line in ask(sql, "JSONEachRow").splitlines()]


def _migrated(ask: Ask) -> Ask:
    """The same, if the warehouse has every view that answers look at."""
    try:
        applied = int(rows(ask, "SELECT max(number) AS number FROM migrations")[0]["number"])
    except DompetError:
        applied = 0
    if applied < migrations()[-1].number:
        raise DompetError("the warehouse lacks tables: `dompet migrate` makes them, and so does a worker at its start")
    return ask
