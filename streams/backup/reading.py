"""What a copy is made of: the tables of the live generation and those that outlive rebuilds, some rows at a time."""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.operator_tables import OF_EACH_DATABASE, SHARED_TABLES, quoted
from dompet.streams.warehouse.texts import text_rows, with_bytes

ROWS_AT_ONCE: Final = 100_000
CHECKPOINTS: Final = "checkpoint_rows"
_LEFT_OUT: Final = OF_EACH_DATABASE | {"generation_rows", "step_rows"}
"""Restoring makes these by itself: migrations are applied, views are made, the copy becomes the first generation, and
steps are fed by the journal's rows.
"""


def tables_of(warehouse: Warehouse) -> dict[str, str]:
    """By name, where each table is that a copy holds; the checkpoints first, so that the copy has all they vouch for,
    however much is stored while it is made.
    """
    rows = text_rows(
        warehouse,
        "SELECT name FROM system.tables WHERE database = %(live)s AND engine LIKE '%%MergeTree'",
        {"live": warehouse.database},
    )
    names = {row["name"] for row in rows}
    placed = {name: f"{quoted(warehouse.database)}.{name}" for name in names - SHARED_TABLES - _LEFT_OUT}
    placed |= {name: f"{quoted(warehouse.public)}.{name}" for name in SHARED_TABLES - _LEFT_OUT}
    return {name: placed[name] for name in sorted(placed, key=lambda name: (name != CHECKPOINTS, name))}


def pieces_of(warehouse: Warehouse, table: str) -> Iterator[pa.Table]:
    """A table's rows, each once, some at a time, with texts as bytes: they need not be UTF-8."""
    columns = {row["name"] for row in text_rows(warehouse, f"DESCRIBE TABLE {table}")}
    for condition in _conditions(warehouse, table, columns):
        found = warehouse.read(f"SELECT * FROM {table} FINAL WHERE {condition}")  # noqa: S608
        if found.num_rows:
            yield with_bytes(found)


def _conditions(warehouse: Warehouse, table: str, columns: set[str]) -> Iterator[str]:
    """Conditions that part a table into pieces of a bounded number of rows, where its columns allow it."""
    if {"partition", "offset"} <= columns:
        for row in _by_partition(warehouse, f"min(offset) AS low, max(offset) AS high FROM {table}"):
            for begin in range(row["low"], row["high"] + 1, ROWS_AT_ONCE):
                yield f"partition = {row['partition']} AND offset >= {begin} AND offset < {begin + ROWS_AT_ONCE}"
    elif "partition" in columns:
        group: list[int] = []
        rows = 0
        for row in _by_partition(warehouse, f"count() AS rows FROM {table}"):
            if group and rows + row["rows"] > ROWS_AT_ONCE:
                yield f"partition IN ({', '.join(map(str, group))})"
                group, rows = [], 0
            group.append(row["partition"])
            rows += row["rows"]
        if group:
            yield f"partition IN ({', '.join(map(str, group))})"
    else:
        yield "1"


def _by_partition(warehouse: Warehouse, what: str) -> list[dict[str, int]]:
    rows: list[dict[str, int]] = warehouse.read(
        f"SELECT partition, {what} GROUP BY partition ORDER BY partition"
    ).to_pylist()
    return rows
