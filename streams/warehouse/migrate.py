"""The warehouse's tables, by numbered migrations, and its views as they are now: the same files for every ClickHouse.

Tables hold what must be kept, so they are changed step by step: `infra/migrations/README.md` says how.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from dompet.streams.terminal.figures import plural
from dompet.streams.warehouse.attempts import attempted
from dompet.streams.warehouse.base import Warehouse, WarehouseError, escaped
from dompet.streams.warehouse.comments import comment_tables, stores_whole, with_comments
from dompet.streams.warehouse.operator_tables import SHARED_TABLES, quoted
from dompet.streams.warehouse.public_views import show_once
from dompet.streams.warehouse.sql_files import sql_files, statements
from dompet.streams.warehouse.texts import text_rows

_FED: Final = re.compile(r"CREATE MATERIALIZED VIEW \w+ TO (\w+) AS\n(.*)", re.DOTALL)
_CREATED: Final = re.compile(r"CREATE (?:TABLE|MATERIALIZED VIEW) (\w+)")
_ALTERED: Final = re.compile(r"ALTER TABLE (?P<table>\S+) (?P<what>ADD|DROP) COLUMN (?P<column>\w+)\b")
_LEDGER: Final = "CREATE TABLE IF NOT EXISTS migrations (number Int32, name String) ENGINE = MergeTree ORDER BY number"


@dataclass(frozen=True)
class Migration:
    """One file of `infra/migrations`: its number, its name and its statements."""

    number: int
    name: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Migrated:
    """What a warehouse lacked: migrations that were applied, and the names of views that were made."""

    applied: tuple[Migration, ...] = ()
    views: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [f"{plural(len(self.applied), 'migration')} applied"] if self.applied else []
        said += [f"{plural(len(self.views), 'view')} made"] if self.views else []
        return ", ".join(said) or "up to date"


@cache
def migrations() -> Sequence[Migration]:
    """All migrations, by number."""
    found = []
    for file, text in sql_files("migrations"):
        number, _, name = file.partition("_")
        found.append(Migration(int(number), name, tuple(one.sql for one in statements(text))))
    return tuple(found)


def applied(warehouse: Warehouse) -> set[int]:
    """The numbers of the migrations that the warehouse has."""
    warehouse.execute(_LEDGER)
    return set(warehouse.read("SELECT number FROM migrations")["number"].to_pylist())


def migrate(warehouse: Warehouse, upto: int | None = None, known: Sequence[Migration] | None = None) -> Migrated:
    """Apply the migrations that are missing, in order, and make the views that are not as they should be.

    `upto` leaves out later migrations, and the views; `known` are other migrations than this dompet's. WarehouseError
    where the warehouse is of a newer dompet, or refuses a statement.
    """
    known = migrations() if known is None else known
    if newer := applied(warehouse) - {migration.number for migration in known}:
        raise WarehouseError(f"the warehouse has migration {max(newer)}, which this dompet does not know: upgrade it")
    wanted = [migration for migration in known if upto is None or migration.number <= upto]
    made = attempted(lambda: _apply(warehouse, wanted), "the migrations are gone through again")
    if len(wanted) < len(known):
        return Migrated(made)
    return Migrated(made, tuple(attempted(lambda: show_once(warehouse), "the views are gone through again")))


def _apply(warehouse: Warehouse, wanted: Sequence[Migration]) -> tuple[Migration, ...]:
    done = applied(warehouse)
    missing = [migration for migration in wanted if migration.number not in done]
    whole = bool(missing) and stores_whole(warehouse)
    for migration in missing:
        for statement in migration.statements:
            for one in _placed(statement, warehouse):
                if not _is_done(one, warehouse):
                    warehouse.execute(with_comments(one, whole=whole))
            if fed := _FED.match(statement):
                warehouse.execute(_filled(fed))
        if migration is missing[-1]:
            warehouse.tune()  # before the last one counts as applied: a run cut short here does it when it goes on
        _note(migration, warehouse)
    comment_tables(warehouse)
    return tuple(missing)


def _note(migration: Migration, warehouse: Warehouse) -> None:
    """Write down that a migration is applied."""
    import pyarrow as pa  # who only looks which there are need not load it

    row = pa.table({"number": pa.array([migration.number], pa.int32()), "name": pa.array([migration.name])})
    warehouse.insert("migrations", row)


def created() -> list[str]:
    """The tables that migrations make, and what feeds them, in order."""
    everything = (statement for migration in migrations() for statement in migration.statements)
    return [found[1] for found in map(_CREATED.match, everything) if found]


def filling(table: str) -> str:
    """The statement that takes into a table, which a materialized view feeds, all that the view's source holds."""
    feeds = (_FED.match(statement) for migration in migrations() for statement in migration.statements)
    return next(_filled(feed) for feed in feeds if feed and feed[1] == table)


def _filled(feed: re.Match[str]) -> str:
    return f"INSERT INTO {feed[1]}\n{feed[2]}"


def _placed(statement: str, warehouse: Warehouse) -> list[str]:
    """The statements that do the same in the database in use, each of which may be executed again.

    A table that outlives rebuilds is in the configured database; another generation reads it there.
    """
    statement = re.sub(r"^CREATE (TABLE|MATERIALIZED VIEW) ", r"CREATE \1 IF NOT EXISTS ", statement)
    named = re.match(r"(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) (\w+)", statement)
    if not named or named[1] not in SHARED_TABLES or warehouse.database == warehouse.public:
        return [statement]
    table = named[1]
    home = f"{quoted(warehouse.public)}.{table}"
    at_home = statement.replace(named[0], f"{named[0].removesuffix(table)}{home}", 1)
    if named[0].startswith("ALTER"):
        return [at_home, statement]
    place = f"Merge({escaped(warehouse.public)}, '^{table}$')"
    return [at_home, f"{named[0]} AS {home} ENGINE = {place}"]


def _is_done(statement: str, warehouse: Warehouse) -> bool:
    """Whether a column that is to be added is there, or one that is to be dropped is gone: not every ClickHouse knows
    `IF NOT EXISTS` here, and a migration that was cut short is applied again from its start.
    """
    altered = _ALTERED.match(statement)
    if not altered:
        return False
    columns = {row["name"] for row in text_rows(warehouse, f"DESCRIBE TABLE {altered['table']}")}
    return (altered["column"] in columns) == (altered["what"] == "ADD")
