"""`dompet restore`: an empty warehouse is filled from a copy; a worker goes on at the copy's checkpoints."""

from contextlib import closing
from pathlib import Path

from dompet.streams.backup.copy import BackupError, Manifest, check_whole, file_of, pieces_in, read_manifest
from dompet.streams.backup.reading import CHECKPOINTS
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import Bar
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.generations import read_generations
from dompet.streams.warehouse.identity import renew
from dompet.streams.warehouse.migrate import applied, migrate, migrations


def restore(settings: Settings, folder: Path, progress: Bar) -> Manifest:
    """Fill the settings' warehouse, which must be empty, from the copy in `folder`.

    The checkpoints come last: a restore that was cut short left nothing that vouches for what it had not written, and
    is done again from its start. BackupError where the copy is not whole, is of a newer release, or the warehouse holds
    something; DompetError where the warehouse refuses, or a worker holds it.
    """
    manifest = read_manifest(folder)
    known = migrations()[-1].number
    if manifest.migration > known:
        raise BackupError(
            f"{folder} was made with migration {manifest.migration}; this dompet knows {known}: upgrade it"
        )
    check_whole(folder, manifest)
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        _prepare(warehouse, settings, manifest)
        done = 0
        for name in sorted(manifest.tables, key=lambda name: (name == CHECKPOINTS, name)):
            for piece in pieces_in(file_of(folder, name)):
                warehouse.insert(name, piece)
                done += piece.num_rows
                progress(done, manifest.rows)
            _check_arrived(warehouse, name, manifest.tables[name].rows)
        migrate(warehouse)
        renew(warehouse)
    return manifest


def _prepare(warehouse: Warehouse, settings: Settings, manifest: Manifest) -> None:
    """Make the tables as they were when the copy was made; BackupError where there is something in them."""
    if (newest := max(applied(warehouse), default=0)) > manifest.migration:
        raise BackupError(
            f"the warehouse at {settings.warehouse_shown} has migration {newest}, the backup {manifest.migration}: "
            "restore into an empty one, which is brought up to date afterwards"
        )
    migrate(warehouse, manifest.migration)  # a later one may work on the rows that the copy brings
    [row] = warehouse.read(f"SELECT count() AS n FROM {CHECKPOINTS}").to_pylist()  # noqa: S608
    if row["n"] or read_generations(warehouse).events:
        raise BackupError(
            f"the warehouse at {settings.warehouse_shown} holds a journal already: restore into an empty one"
        )


def _check_arrived(warehouse: Warehouse, table: str, expected: int) -> None:
    [row] = warehouse.read(f"SELECT count() AS n FROM {table} FINAL").to_pylist()  # noqa: S608
    if row["n"] != expected:
        raise BackupError(
            f"{table} has {row['n']:,} rows after restoring, the backup {expected:,}: is a worker running?"
        )
