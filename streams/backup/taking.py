"""`dompet backup`: a copy of the warehouse, made while workers fold on, or while none runs."""

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyarrow as pa

from dompet.streams.backup.copy import BackupError, Manifest, Table, file_of, pieces_in, sha256_of
from dompet.streams.backup.reading import CHECKPOINTS, ROWS_AT_ONCE, pieces_of, tables_of
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import Bar
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.client import opened_warehouse
from dompet.streams.warehouse.generations import check_live

_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="zstd")


def backup(settings: Settings, folder: Path, progress: Bar) -> Manifest:
    """Copy the settings' warehouse into a new folder, which has its name only once it is whole.

    BackupError where the folder is there already, Superseded where a rebuild made another generation live meanwhile,
    DompetError where the warehouse cannot be read.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already: a backup is made in a new folder")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    with opened_warehouse(settings) as warehouse:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        try:
            manifest = _copied(warehouse, unfinished, progress)
            check_live(warehouse)
            manifest.write(unfinished)
            for path in (*unfinished.iterdir(), unfinished):
                _keep(path)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return manifest


def _copied(warehouse: Warehouse, folder: Path, progress: Bar) -> Manifest:
    """Copy every table; the checkpoints come first, and what they vouch for is in the warehouse by then."""
    at = datetime.now(UTC)
    migration = int(warehouse.read("SELECT max(number) AS number FROM migrations")["number"][0].as_py() or 0)
    tables = tables_of(warehouse)
    if CHECKPOINTS not in tables:
        raise BackupError("the warehouse has no tables yet: there is nothing to copy")
    total = sum(
        int(warehouse.read(f"SELECT count() AS rows FROM {place}")["rows"][0].as_py())  # noqa: S608
        for place in tables.values()
    )
    done, found = 0, {}
    for name, place in tables.items():
        rows = 0
        for rows in _write(warehouse, place, file_of(folder, name)):
            progress(done + rows, total)
        done += rows
        if rows:
            found[name] = Table(rows, sha256_of(file_of(folder, name)))
    made_at = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Manifest(made_at, version("dompet"), warehouse.version(), migration, _upto(folder, found), found)


def _write(warehouse: Warehouse, table: str, path: Path) -> Iterator[int]:
    """Write a table's rows to its file; gives how many those are so far."""
    writer, rows = None, 0
    try:
        for piece in pieces_of(warehouse, table):
            writer = writer or pa.ipc.new_file(str(path), piece.schema, options=_COMPRESSED)
            writer.write_table(piece, max_chunksize=ROWS_AT_ONCE)
            rows += piece.num_rows
            yield rows
    finally:
        if writer is not None:
            writer.close()


def _upto(folder: Path, found: Mapping[str, Table]) -> dict[str, int]:
    """By partition, the furthest checkpoint of a copy that was not voided."""
    upto: dict[str, int] = {}
    for piece in pieces_in(file_of(folder, CHECKPOINTS)) if CHECKPOINTS in found else ():
        for row in piece.select(["partition", "next_offset", "rows"]).to_pylist():
            if row["rows"]:
                partition = str(row["partition"])
                upto[partition] = max(upto.get(partition, 0), row["next_offset"])
    return upto


def _keep(path: Path) -> None:
    """Return once the file or folder is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
