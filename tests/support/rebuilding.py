"""Warehouses with several generations, for tests of rebuilds: taken away afterwards, and looked into."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from clickhouse_driver import Client

from dompet.streams.rebuild.run import Switched, rebuild
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.generations import read_generations
from dompet.streams.warehouse.operator_tables import quoted
from tests.support.stored import shown
from tests.support.warehouses import rows_of

OTHER_RULES = Path(__file__).parents[1] / "projections" / "tables" / "generous.toml"
STATEMENT = pa.table({"statement_id": ["s"], "kind": ["period"], "sold": [5]})


@contextmanager
def without_generations(warehouse_url: str) -> Iterator[None]:
    """On leaving, the databases of a server's later generations are dropped, as its test's own one will be."""
    yield
    database = urlsplit(warehouse_url).path.lstrip("/")
    if warehouse_url.startswith("chdb"):
        return
    with Client.from_url(warehouse_url) as client:
        for (name,) in client.execute("SELECT name FROM system.databases"):
            if name.startswith(f"{database}_g"):
                client.execute(f"DROP DATABASE {name}")


def rebuilt(settings: Settings, **more: Any) -> Switched:
    """A rebuild that nobody looks at."""
    return rebuild(settings, lambda sentence: None, lambda done, total: None, **more)


@contextmanager
def live(settings: Settings) -> Iterator[Warehouse]:
    """The warehouse as every command opens it: nothing is migrated."""
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        yield warehouse


def states(warehouse: Warehouse) -> dict[int, str]:
    """What the view `generations` says of each."""
    return {row["number"]: row["state"] for row in shown(warehouse, "SELECT * FROM generations ORDER BY number")}


def databases(warehouse: Warehouse) -> set[str]:
    """The databases of this warehouse: the configured one, and those of later generations."""
    names = {str(row["name"]) for row in rows_of(warehouse, "SELECT name FROM system.databases")}
    return {name for name in names if name == warehouse.public or name.startswith(f"{warehouse.public}_g")}


def assert_shown_to_the_public(warehouse: Warehouse) -> None:
    """Who reads the configured database's views reads the live generation."""
    assert read_generations(warehouse).shown
    public = quoted(warehouse.public)
    for view, order in (("journal", "partition, offset"), ("wallets", "beneficiary_id"), ("generations", "number")):
        ours = shown(warehouse, f"SELECT * FROM {view} ORDER BY {order}")
        assert shown(warehouse, f"SELECT * FROM {public}.{view} ORDER BY {order}") == ours
        assert ours
    there = {str(row["name"]) for row in rows_of(warehouse, f"SHOW TABLES FROM {public}")}
    assert not [name for name in there if name.endswith(("__next", "__old"))]
