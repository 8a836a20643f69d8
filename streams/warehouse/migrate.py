"""The warehouse's tables and views, made by numbered migrations: the same files for every ClickHouse."""

import logging
import random
import re
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import pyarrow as pa
from clickhouse_driver.util.escape import escape_param

from dompet.streams.process.patience import Unavailable
from dompet.streams.warehouse.base import Warehouse, WarehouseError
from dompet.streams.warehouse.generations import database_of, read_generations
from dompet.streams.warehouse.operator_tables import KEPT, quoted
from dompet.streams.warehouse.public_views import show

log = logging.getLogger("dompet.warehouse")

_TRIES: Final = 4
_PAUSE_S: Final = 0.5
_FED: Final = re.compile(r"CREATE MATERIALIZED VIEW \w+ TO (\w+) AS\n(.*)", re.DOTALL)
_LEDGER: Final = "CREATE TABLE IF NOT EXISTS migrations (number Int32, name String) ENGINE = MergeTree ORDER BY number"


@dataclass(frozen=True)
class Migration:
    """One file of `infra/migrations`: its number, its name and its statements."""

    number: int
    name: str
    statements: tuple[str, ...]


def migrations() -> list[Migration]:
    """All migrations, by number."""
    found = []
    for file in (files("dompet.infra") / "migrations").iterdir():
        if match := re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name):
            statements = [_uncommented(part) for part in file.read_text("utf-8").split(";\n")]
            found.append(Migration(int(match[1]), match[2], tuple(part for part in statements if part)))
    return sorted(found, key=lambda migration: migration.number)


def _uncommented(statement: str) -> str:
    return "\n".join(line for line in statement.splitlines() if not line.startswith("--")).strip().rstrip(";")


def applied(warehouse: Warehouse) -> set[int]:
    """The numbers of the migrations that the warehouse has."""
    warehouse.execute(_LEDGER)
    return set(warehouse.read("SELECT number FROM migrations")["number"].to_pylist())


def migrate(warehouse: Warehouse, upto: int | None = None) -> list[Migration]:
    """Apply what is missing, in order, up to the migration of this number, or all; return what was applied.

    WarehouseError where the warehouse is of a newer dompet, or refuses a statement, also once more: of two workers that
    start at the same time one may drop a view that the other has just made and reads.
    """
    if newer := applied(warehouse) - {migration.number for migration in migrations()}:
        raise WarehouseError(f"the warehouse has migration {max(newer)}, which this dompet does not know: upgrade it")
    for _ in range(_TRIES - 1):
        try:
            return _migrate(warehouse, upto)
        except Unavailable:
            raise
        except WarehouseError as error:
            log.info("%s; the migrations are gone through again", error)
            time.sleep(random.uniform(0.5, 1.5) * _PAUSE_S)
    return _migrate(warehouse, upto)


def _migrate(warehouse: Warehouse, upto: int | None) -> list[Migration]:
    done, known = applied(warehouse), migrations()
    last = known[-1].number if upto is None else upto
    missing = [migration for migration in known if migration.number not in done and migration.number <= last]
    for migration in missing:
        for statement in migration.statements:
            for one in _placed(_again(statement), warehouse):
                warehouse.execute(one)
            if fed := _FED.match(statement):
                warehouse.execute(_filled(fed))
        if migration is missing[-1]:
            warehouse.tune()  # before the last one counts as applied: a run cut short here does it when it goes on
        row = pa.table({"number": pa.array([migration.number], pa.int32()), "name": pa.array([migration.name])})
        warehouse.insert("migrations", row)
    _show_live(warehouse, bool(missing))
    return missing


def _show_live(warehouse: Warehouse, changed: bool) -> None:
    """Let the public views follow a live generation of its own database: they may lack one, or a switch was cut."""
    found = read_generations(warehouse)
    live = database_of(warehouse, found.live)
    if live == warehouse.database and (not found.shown or (changed and live != warehouse.public)):
        show(warehouse, all_statements())


def all_statements() -> list[str]:
    """The statements of all migrations, in order."""
    return [statement for migration in migrations() for statement in migration.statements]


def filling(table: str) -> str:
    """The statement that takes into a table, which a materialized view feeds, all that the view's source holds."""
    feeds = (_FED.match(statement) for statement in all_statements())
    return next(_filled(feed) for feed in feeds if feed and feed[1] == table)


def _filled(feed: re.Match[str]) -> str:
    return f"INSERT INTO {feed[1]}\n{feed[2]}"


def _placed(statement: str, warehouse: Warehouse) -> list[str]:
    """A table that outlives rebuilds is made in the configured database; another generation reads it there."""
    made = re.match(r"CREATE TABLE IF NOT EXISTS (\w+)", statement)
    if not made or made[1] not in KEPT or warehouse.database == warehouse.public:
        return [statement]
    home = f"{quoted(warehouse.public)}.{made[1]}"
    mirror = f"{made[0]} AS {home} ENGINE = Merge({escape_param(warehouse.public, None)}, '^{made[1]}$')"
    return [statement.replace(made[0], f"CREATE TABLE IF NOT EXISTS {home}", 1), mirror]


def _again(statement: str) -> str:
    """A migration that was cut short is applied again from its start."""
    return re.sub(r"^CREATE (TABLE|VIEW|MATERIALIZED VIEW) ", r"CREATE \1 IF NOT EXISTS ", statement)
