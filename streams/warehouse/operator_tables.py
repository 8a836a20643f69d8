"""Tables that are no function of the log: they outlive every rebuild, in the configured database."""

from typing import Final

KEPT: Final = frozenset(
    {
        "statement_rows",
        "statement_line_rows",
        "reconciliation_rows",
        "reconciliation_line_rows",
        "letter_action_rows",
        "generation_rows",
        "identity_rows",
    }
)
"""A generation that lies in a database of its own reads these tables where they are, by tables of the engine Merge."""


def placed(table: str, database: str, public: str) -> str:
    """What an INSERT must name: Merge takes no rows."""
    return f"{quoted(public)}.{table}" if table in KEPT and database != public else table


def quoted(database: str) -> str:
    """A database's name as SQL has it.

    >>> quoted("dompet"), quoted("dompet-test")
    ('dompet', '`dompet-test`')
    """
    return database if database.isidentifier() else "`" + database.replace("\\", "\\\\").replace("`", "\\`") + "`"
