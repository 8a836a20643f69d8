"""A warehouse that is lost, and what it showed before."""

import shutil
from typing import Any
from urllib.parse import urlsplit

from clickhouse_driver import Client

from dompet.streams.settings import Settings
from tests.support.command import Ran, dompet
from tests.support.warehouses import opened, plain
from tests.support.workers import variables

_ORDERS = {
    "journal": "partition, offset",
    "wallets": "beneficiary_id",
    "orders": "beneficiary_id, platform_id, order_id",
    "dead_letters": "partition, offset",
    "letters": "partition, offset",
    "settlement": "day, platform_id, institution_id",
    "statement_line_rows": "statement_id, kind",
    "checkpoints": "partition",
}


def ran(settings: Settings, *arguments: str) -> Ran:
    """A command with these settings in its environment."""
    return dompet(*arguments, cwd=settings.home, variables=variables(settings))


def lose(settings: Settings) -> None:
    """Take the whole warehouse away; a server is left with an empty database."""
    if settings.warehouse_folder:
        shutil.rmtree(settings.warehouse_folder)
        return
    database = urlsplit(settings.warehouse).path.lstrip("/")
    with Client.from_url(settings.warehouse.rpartition("/")[0] + "/default") as client:
        for (name,) in client.execute("SELECT name FROM system.databases"):
            if name == database or name.startswith(f"{database}_g"):
                client.execute(f"DROP DATABASE {name}")
        client.execute(f"CREATE DATABASE {database}")


def all_shown(settings: Settings) -> dict[str, list[Any]]:
    """What the warehouse shows to people; without its checkpoints' batches, which are no function of the log."""
    with opened(settings.warehouse) as warehouse:
        found = {
            name: plain(warehouse.read(f"SELECT * FROM {name} ORDER BY {order}"))
            for name, order in _ORDERS.items()
            if name != "checkpoints"
        }
        ends = "SELECT partition, next_offset, total_rows FROM checkpoints ORDER BY partition"
        return found | {"checkpoints": plain(warehouse.read(ends))}
