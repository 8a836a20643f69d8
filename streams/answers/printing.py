"""The answer to a query, in a format or as a table."""

from collections.abc import Collection, Sequence

from dompet.streams.answers.asking import Ask, rows
from dompet.streams.terminal.console import note, out, write_whole
from dompet.streams.terminal.tables import ROWS_MAX, print_whole, rows_table


def print_answer(
    ask: Ask,
    sql: str,
    form: str | None,
    title: str,
    columns: Sequence[str],
    money: Collection[str] = (),
    ids: Collection[str] = (),
) -> None:
    """Write all of it in one of ClickHouse's formats, or where none is given its first rows as a table."""
    if form is not None:
        write_whole(ask(sql, form))
        return
    found = rows(ask, f"SELECT * FROM ({sql}) LIMIT {ROWS_MAX + 1}")  # noqa: S608
    print_whole(out, rows_table(title, found[:ROWS_MAX], columns, money, ids))
    if len(found) > ROWS_MAX:
        note(f"there are more than these {ROWS_MAX}: --format CSVWithNames gives all")
