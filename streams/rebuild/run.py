"""`dompet rebuild`: a new generation of the journal is begun, folded, and made live by one row; or an old one goes.

What is begun is written down first, so that whatever cut a run short, the next one knows what to go on with.
"""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass

from dompet.schemas.errors import DompetError
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.process.patience import Patience
from dompet.streams.rebuild.folding import Folding
from dompet.streams.rebuild.log import TheLog
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import Bar
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.client import OpenClient
from dompet.streams.warehouse.discard import drop_discarded
from dompet.streams.warehouse.generations import (
    BUILDING,
    DISCARDED,
    FIRST,
    LIVE,
    check_there,
    database_of,
    read_generations,
    record_event,
)
from dompet.streams.warehouse.migrate import migrate
from dompet.streams.warehouse.operator_tables import quoted
from dompet.streams.warehouse.public_views import show

Say = Callable[[str], None]
"""Takes each step as a sentence."""

_CHECKPOINTS = "SELECT cluster_id, topic, partition, next_offset FROM checkpoints"


class NoEarlierGeneration(DompetError):
    """There is no earlier generation to go back to."""


@dataclass(frozen=True)
class Switched:
    """What a rebuild made live, and how many records it folded for it."""

    number: int
    database: str
    records: int
    earlier: tuple[int, ...]


def rebuild(settings: Settings, say: Say, progress: Bar, *, other_log: bool = False) -> Switched:
    """Fold the log into a new generation, or go on with one that was begun, and make it live.

    OtherLog where it is not the live journal's log, unless `other_log`. DompetError where a server is away.
    """
    log, rulebook = TheLog(settings), settings.rulebook()
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        if not read_generations(warehouse).shown:
            migrate(warehouse)
            say("the last switch had been cut short before its views followed: they do now")
            return _switched(warehouse, 0)
        migrate(warehouse)
        if not other_log:
            log.check_same(OpenClient(warehouse).read(_CHECKPOINTS).to_pylist())
        number = begin(warehouse, log.identity(rulebook), say)
        patience = Patience(settings.outage_seconds)
        folding = Folding(warehouse, log, rulebook, log.identity(rulebook), patience, progress)
        for _ in range(2):  # and then what came meanwhile
            folding.to_the_end(settings.batch, settings.batch_bytes)
        folding.store_catalogue()
        folding.check_whole()
        switch(warehouse, number)
        return _switched(warehouse, folding.records)


def begin(warehouse: Warehouse, identity: Identity, say: Say) -> int:
    """Enter the generation that is being built, or a new one with empty tables; its number.

    One that was begun by other rules, or from another log, is dropped.
    """
    found, made_of = read_generations(warehouse), _made_of(identity)
    if not found.events:
        record_event(warehouse, FIRST, LIVE)
    drop_discarded(warehouse)
    if (number := found.building) is not None:
        if found.building_of == made_of:
            _enter(warehouse, number)
            say(f"generation {number} was begun in {warehouse.database}: going on with it")
            return number
        say(f"generation {number} was begun from another log, by other rules or another release: it is dropped")
        record_event(warehouse, number, DISCARDED)
        drop_discarded(warehouse)
    number = read_generations(warehouse).next
    record_event(warehouse, number, BUILDING, made_of)
    _enter(warehouse, number)
    say(f"generation {number} is made in {warehouse.database}")
    return number


def switch(warehouse: Warehouse, number: int) -> None:
    """Make a generation live: one row, and then the public views follow."""
    record_event(warehouse, number, LIVE)
    show(warehouse)


def go_back(settings: Settings) -> Switched:
    """Make the generation live again that was live before; NoEarlierGeneration where it is gone."""
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        migrate(warehouse)
        earlier = read_generations(warehouse).earlier
        if not earlier:
            raise NoEarlierGeneration("no earlier generation of the journal is kept: there is nothing to go back to")
        check_there(warehouse, earlier[0])
        warehouse.use(database_of(warehouse, earlier[0]))
        migrate(warehouse)
        switch(warehouse, earlier[0])
        return _switched(warehouse, 0)


def discard_old(settings: Settings) -> list[int]:
    """Drop every generation but the live one, an unfinished one, too; their numbers."""
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        migrate(warehouse)
        found = read_generations(warehouse)
        old = [*found.earlier, *([found.building] if found.building is not None else [])]
        for number in old:
            record_event(warehouse, number, DISCARDED)
        drop_discarded(warehouse)
        return sorted(old)


def _made_of(identity: Identity) -> str:
    """What a generation is a function of, as one text."""
    return json.dumps({name: value for name, value in asdict(identity).items() if name != "extended"})


def _enter(warehouse: Warehouse, number: int) -> None:
    database = database_of(warehouse, number)
    warehouse.execute(f"CREATE DATABASE IF NOT EXISTS {quoted(database)}")
    warehouse.use(database)
    migrate(warehouse)


def _switched(warehouse: Warehouse, records: int) -> Switched:
    found = read_generations(warehouse)
    return Switched(found.live, database_of(warehouse, found.live), records, tuple(found.earlier))
