"""Where rows lie on their way between this process and the engine: in memory where the system has such files, else on
disk. They are named by a path, under which another process of the same user finds them, too.
"""

import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from dompet.streams.warehouse.base import arrow_table

if TYPE_CHECKING:
    import pyarrow as pa

    from dompet.streams.warehouse.native import Buffer

_IN_MEMORY: Final = hasattr(os, "memfd_create")


def memory_file(name: str) -> IO[bytes]:
    """An empty file; it is gone once it is closed, and no longer mapped."""
    return os.fdopen(os.memfd_create(name), "w+b") if _IN_MEMORY else NamedTemporaryFile()


def path_of(file: IO[bytes]) -> str:
    """The path of a memory file for any process of this user."""
    return f"/proc/{os.getpid()}/fd/{file.fileno()}" if _IN_MEMORY else str(file.name)


def arrow_in(file: IO[bytes]) -> "pa.Table":
    """The table of Arrow's file format that another process wrote into a file. It lies there, and is not copied."""
    size = os.fstat(file.fileno()).st_size
    return arrow_table(mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ) if size else b"")


class Blocks:
    """Where inserts hand their blocks over: one file for each table, which is written over by the next block, for the
    pages that it has need not be got and cleared again.
    """

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = {}
        self._turn = threading.Lock()

    @contextmanager
    def handed_over(self, table: str, block: "list[Buffer]") -> Iterator[str]:
        """A path under which the engine finds the block."""
        with self._turn:
            if table not in self._files:
                self._files[table] = memory_file("block")
            file = self._files[table]
            file.seek(0)
            file.writelines(block)
            file.truncate()
            file.flush()
            yield path_of(file)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()
