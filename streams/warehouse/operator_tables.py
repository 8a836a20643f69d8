"""Tables that are no function of the log: they outlive every rebuild, in the configured database."""

from typing import Final

OPERATOR_TABLES: Final = frozenset(
    {
        "statement_rows",
        "statement_line_rows",
        "reconciliation_rows",
        "reconciliation_line_rows",
        "letter_action_rows",
        "verification_rows",
    }
)
"""Those that commands write, and the only ones that they may."""

SHARED_TABLES: Final = OPERATOR_TABLES | {"generation_rows", "identity_rows"}
"""A generation that lies in a database of its own reads these tables where they are, by tables of the engine Merge."""

OF_EACH_DATABASE: Final = frozenset({"migrations", "view_rows"})
"""What each database says of its own tables and views: gone with the database, and in no copy."""


def placed(table: str, database: str, public: str) -> str:
    """What an INSERT must name: Merge takes no rows."""
    return f"{quoted(public)}.{table}" if table in SHARED_TABLES and database != public else table


def quoted(database: str) -> str:
    """A database's name as SQL has it.

    >>> quoted("dompet"), quoted("dompet-test")
    ('dompet', '`dompet-test`')
    """
    return database if database.isidentifier() else "`" + database.replace("\\", "\\\\").replace("`", "\\`") + "`"
