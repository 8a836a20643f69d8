"""The answer to a query, in a format or as a table."""

from collections.abc import Collection, Sequence

from dompet.streams.answers.asking import Ask, rows
from dompet.streams.terminal.console import out
from dompet.streams.terminal.figures import count
from dompet.streams.terminal.output import write_whole
from dompet.streams.terminal.tables import ROWS_MAX, rows_table


def print_answer(
    ask: Ask,
    sql: str,
    form: str | None,
    title: str,
    columns: Sequence[str],
    money: Collection[str] = (),
    ids: Collection[str] = (),
    sums: Collection[str] = (),
    empty: str = "none",
) -> None:
    """Write all of it in one of ClickHouse's formats, or where none is given its first rows as a table.

    `sums` are the columns that a last line adds up, and `empty` what is said where there is no row.
    """
    if form is not None:
        write_whole(ask(sql, form))
        return
    found = rows(ask, f"SELECT * FROM ({sql}) LIMIT {ROWS_MAX + 1}")  # noqa: S608
    if not found:
        out.print(f"{title}: {empty}", markup=False, soft_wrap=True)
        return
    out.print(rows_table(title, found[:ROWS_MAX], columns, money, ids, sums if len(found) <= ROWS_MAX else ()))
    if len(found) > ROWS_MAX:
        [all_of_them] = rows(ask, f"SELECT count() AS number FROM ({sql})")  # noqa: S608
        number = count(int(all_of_them["number"]))
        out.print(f"the first {ROWS_MAX} of {number}; --format CSVWithNames gives all of them", markup=False)
