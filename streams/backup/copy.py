"""A copy of a warehouse: a folder with one Arrow file a table, and `manifest.json`, which says what must be in them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from dompet.schemas.errors import DompetError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"


class BackupError(DompetError):
    """A copy cannot be made, is not whole, or does not fit."""


@dataclass(frozen=True)
class Table:
    """What a table's file holds: so many rows, in so many bytes with this checksum."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a copy says of itself. `migration` is the last one that its warehouse had; `upto` gives, by partition as
    text, the next offset of the checkpoints that it was made as of.
    """

    made_at: str
    dompet: str
    engine: str
    migration: int
    upto: Mapping[str, int]
    tables: Mapping[str, Table]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Of all tables together."""
        return sum(table.rows for table in self.tables.values())

    def write(self, folder: Path) -> None:
        """Put it into the folder, beside the files of which it speaks."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The folder's manifest; BackupError where the folder is no copy, or one that this release cannot read."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BackupError(f"{folder} is no backup: it has no {MANIFEST}")
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise BackupError(f"{path}: format {found['format']} is not this dompet's, which is {FORMAT}: upgrade it")
        tables = {name: Table(**table) for name, table in found.pop("tables").items()}
        if not all(map(str.isidentifier, tables)):
            raise ValueError("a table's name is part of statements and of paths")
        return Manifest(tables=tables, **found)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(f"{path} is damaged: it is no manifest of a backup") from None


def file_of(folder: Path, table: str) -> Path:
    """Where a table's rows are."""
    return folder / f"{table}.arrow"


def check_whole(folder: Path, manifest: Manifest) -> None:
    """BackupError naming the first file that is missing or not as it was written."""
    for name, table in manifest.tables.items():
        path = file_of(folder, name)
        if not path.is_file():
            raise BackupError(f"{path} is missing: the backup is not whole")
        if sha256_of(path) != table.sha256:
            raise BackupError(f"{path} is damaged: its SHA-256 is not the one in {MANIFEST}")


def sha256_of(path: Path) -> str:
    """A file's checksum, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pieces_in(path: Path) -> Iterator[pa.Table]:
    """A table's rows, some at a time."""
    with pa.memory_map(str(path)) as content, pa.ipc.open_file(content) as file:
        for number in range(file.num_record_batches):
            yield pa.Table.from_batches([file.get_batch(number)])
