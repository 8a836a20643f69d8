"""How the embedded engine stores and reads: the statement that inserts a block, settings of tables and connections."""

from collections.abc import Callable, Sequence
from typing import Final

_SETTINGS: Final = (
    "SETTINGS max_threads = 1, max_insert_threads = 1, optimize_on_insert = 0, input_format_parallel_parsing = 0,"
    " min_insert_block_size_rows = 0, min_insert_block_size_bytes = 0"
)
"""The fold needs the other cores; and an insert is one block that brings each key once, so merging it on the way, or
waiting for more, would gain nothing.
"""


READING: Final = "optimize_move_to_prewhere_if_final = 1"
"""For each connection. Where a query with FINAL asks for one key, its other columns are read in the parts that have
it, and in no others: for a wallet, while a worker folds, a quarter of the work. Conditions of other columns stay.
"""


def insert_sql(table: str, columns: Sequence[str], path: str) -> str:
    """The statement that inserts the block of Native format in the file at `path`."""
    names = ", ".join(f"`{name}`" for name in columns)
    return f"INSERT INTO {table} ({names}) FROM INFILE '{path}' {_SETTINGS} FORMAT Native"


def tuned(execute: Callable[[str], None]) -> None:
    """Settings that halve what an insert costs in all: what one insert writes stays in one file, for many columns as
    files of their own cost more than their rows; and parts are merged 32 at a time, not five, for every merge writes
    its rows once more. And an index by which a person's events are found without reading everybody's ids: it costs an
    insert 2 %.
    """
    for table in ("journal_rows", "wallet_rows", "order_rows", "step_rows"):
        execute(
            f"ALTER TABLE {table} MODIFY SETTING min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 32"
        )
    execute(
        "ALTER TABLE journal_rows ADD INDEX IF NOT EXISTS people beneficiary_id TYPE bloom_filter(0.025) GRANULARITY 1"
    )
