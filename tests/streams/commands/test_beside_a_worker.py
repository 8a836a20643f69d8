"""Every command works beside a worker that folds, on both warehouses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.cli import app
from dompet.streams.settings import Settings
from tests.support.command import Ran, dompet
from tests.support.crowd import crowd
from tests.support.importing import MAPPING, SALES
from tests.support.logs import as_record, corpus
from tests.support.modelled import ModelledLog, modelled_log
from tests.support.pipelines import SettingsMaker
from tests.support.sales import person
from tests.support.warehouses import KINDS, empty_warehouse
from tests.support.workers import until, variables, worker

SERVICES: Final = {"demo", "up", "broker", "engine", "serve", "worker", "gateway", "router"}
"""They run until they are stopped, or start servers of their own; their tests are elsewhere."""

LISTED: Final = Path(__file__).parents[3] / "schemas" / "catalogue.toml"
APRIL: Final = ("--from", "2020-04-01", "--to", "2020-04-30")
COMMANDS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "query": (("SELECT count() FROM journal",), ("SELECT * FROM wallets LIMIT 1", "--format", "Vertical")),
    "status": ((), ("--json",)),
    "wallet": (("b-1",), ("b-1", "--format", "CSV")),
    "event": (("e-1",),),
    "order": (("o-1",),),
    "funnel": ((), ("--by", "wave")),
    "unfinished": (("--as-of", "2020-12-31"),),
    "check": ((),),
    "exceptions": ((),),
    "rejections": ((),),
    "verify": ((),),
    "chain head": ((),),
    "dead-letters list": ((),),
    "dead-letters show": (("{dead}",),),
    "dead-letters pending": ((),),
    "dead-letters discard": (("{dead}", "--because", "a test"),),
    "dead-letters redrive": (("--all", "--dry-run"),),
    "rejections redrive": (("--reason", "unknown_order", "--dry-run"),),
    "sweep": (("--as-of", "2020-05-01", "--dry-run"),),
    "settle": (("--platform", "toko", *APRIL, "--out", "april.csv", "--issue"),),
    "reconcile": (("--statement", "paid.csv", "--mapping", "map.toml", "--platform", "toko", *APRIL),),
    "catalogue load": ((str(LISTED),),),
    "catalogue list": ((),),
    "publish": (("events.jsonl",),),
    "import": (("import.toml", "sales.csv", "--dry-run"),),
    "topics": ((),),
    "migrate": ((),),
    "access add": (("somebody", "--role", "viewer"),),
    "access list": ((),),
    "access rotate": (("somebody",),),
    "access revoke": (("somebody",),),
    "publishers add": (("toko", "--kind", "platform"),),
    "publishers list": ((),),
    "publishers rotate": (("toko",),),
    "publishers quota": (("toko", "500"),),
    "publishers suspend": (("toko",),),
    "publishers resume": (("toko",),),
    "publishers inbox": (("toko", "--print"), ("toko",)),
    "publishers check": (("toko", "--gateway", "http://127.0.0.1:1", "--token-file", "token"),),
    "publishers remove": (("toko",),),
    "backup": (("copy",),),
    "restore": (("copy", "--warehouse", "{empty}"),),
    "rebuild": ((),),
}
"""What each is asked; in this order, for a rebuild ends the worker."""
MAY_DIFFER: Final = {"reconcile": {0, 1}, "check": {0, 1}, "exceptions": {0, 1}, "publishers check": {1}}

FILES: Final = {
    "map.toml": '[statement]\norder_id = "order"\namount = "paid"\n',
    "paid.csv": "order,paid\no-1,100000\n",
    "events.jsonl": "",
    "token": "t" * 43,
    "import.toml": MAPPING,
    "sales.csv": SALES,
}


def names(group: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command by its words."""
    for name, one in group.commands.items():
        command = one.made() if hasattr(one, "made") else one
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield " ".join((*before, name))
        if hasattr(command, "commands"):
            yield from names(command, (*before, name))


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    """A log with sales, all that people do, and records that cannot be read."""
    events = [as_record(event) for event in [*person(1, "2020-04-10"), *crowd(5, 20)]]
    with modelled_log(kafka, kafka_admin, [*events, *corpus()[:3]]) as log:
        yield log


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_works_beside_a_worker(
    kind: str, clickhouse_server: str, log: ModelledLog, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    with empty_warehouse(kind, clickhouse_server) as url, empty_warehouse(kind, clickhouse_server) as empty:
        settings = settings_for(log.topic, url)
        dead = f"{log.dead[0].partition}:{log.dead[0].offset}"
        for name, content in FILES.items():
            (tmp_path / name).write_text(content)
        with worker(settings) as run:
            until(run, lambda health: health["status"] == "ok" and health["records"] == len(log.records))
            failed = [
                found
                for command, questions in COMMANDS.items()
                for question in questions
                if (
                    found := fault(
                        settings, tmp_path, command, [one.format(dead=dead, empty=empty) for one in question]
                    )
                )
            ]
            assert not failed, "\n".join(map(str, failed))


def fault(settings: Settings, folder: Path, command: str, arguments: list[str]) -> tuple[str, Ran] | None:
    """The command and how it ended, where that is not well."""
    ran = dompet(*command.split(), *arguments, cwd=folder, variables=variables(settings))
    well = ran.code in MAY_DIFFER.get(command, {0}) and (ran.out or ran.err)
    amiss = any(words in ran.out + ran.err for words in ("Traceback", "fault of dompet"))
    return None if well and not amiss else (command, ran)


def test_the_list_of_commands_is_whole() -> None:
    assert {*COMMANDS, *SERVICES} == {*names(app)}
