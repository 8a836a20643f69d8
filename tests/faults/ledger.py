"""What the publisher and the run tell each other by files: which events are acknowledged, and how far it may go."""

import os
import struct
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_NUMBER: Final = struct.Struct("<i")
_LIMIT: Final = struct.Struct("<q")


class Acknowledged:
    """The numbers of acknowledged events, each added to the file at once: a kill -9 takes none away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, number: int) -> None:
        """Note that the broker has it."""
        os.write(self._file, _NUMBER.pack(number))

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    @staticmethod
    def count(path: Path) -> int:
        """How many there are."""
        return path.stat().st_size // _NUMBER.size if path.exists() else 0

    @staticmethod
    def numbers(path: Path) -> NDArray[np.int32]:
        """All of them."""
        content = path.read_bytes() if path.exists() else b""
        return np.frombuffer(content, dtype="<i4", count=len(content) // _NUMBER.size)


class Leash:
    """How many events may be published by now: set by the run, heard by the publisher."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._file)

    @property
    def length(self) -> int:
        """Events with lower numbers may be published."""
        content = os.pread(self._file, _LIMIT.size, 0)
        return int(_LIMIT.unpack(content)[0]) if content else 0

    @length.setter
    def length(self, events: int) -> None:
        os.pwrite(self._file, _LIMIT.pack(events), 0)
