"""The text of a file as UTF-8, whatever it is packed or encoded in. What is no text is named, not read."""

import codecs
import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, Literal, Protocol

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.texts import place

Encoding = Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1"]

ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD_BYTES: Final = 1_024
_PACKED_TIMES: Final = 12
"""Statements are packed to a twelfth, or so."""
_NUL_SHARE: Final = 0.4
"""Of text in UTF-16, about half of the bytes are NUL."""
_UNREADABLE: Final = "dompet.unreadable"
_KINDS: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        ZIP: "a zip archive without a workbook: unpack it",
        b"\xd0\xcf\x11\xe0": "an Excel file of the old kind (.xls), or with a password: save it as .xlsx or CSV",
        b"%PDF": "a PDF, which has no columns: ask for CSV or Excel",
        b"PAR1": "a Parquet file, whose name must end in .parquet",
        b"BZh": "packed by bzip2: unpack it",
        b"\xfd7zXZ": "packed by xz: unpack it",
        b"\x28\xb5\x2f\xfd": "packed by zstd: unpack it",
        b"7z\xbc\xaf": "a 7z archive: unpack it",
        b"Rar!": "a rar archive: unpack it",
    }
)
_MARKUP: Final = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<body", b"<meta")


class BadLine(DompetError):
    """A file, or a line of it, cannot be read; the sentence begins with file:line."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{place(path, line)}: {why}")


class Readable(Protocol):
    """What a text is read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes; fewer, or none, only at the end."""


def is_zip(path: Path) -> bool:
    """Whether a file is a zip archive, as workbooks are."""
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP


def text_bytes(path: Path) -> int:
    """About how long the text of a file is."""
    with path.open("rb") as file:
        packed = file.read(len(ZIP)).startswith((ZIP, _GZIP))
    return path.stat().st_size * (_PACKED_TIMES if packed else 1)


def unpacked(path: Path, file: BinaryIO, encoding: Encoding | None) -> tuple[Readable, Encoding]:
    """An open file's text as UTF-8 without a byte order mark, and the encoding that it has: the one given, else that of
    its mark, else UTF-8. What is no text in that encoding is no UTF-8 here. BadLine where the file holds no text.
    """
    packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    source: Readable = _Gunzipped(path, file) if packed else file
    head = source.read(_HEAD_BYTES)
    found = encoding or ("utf-16" if head.startswith(_UTF16) else "utf-8")
    _refuse(path, head, found)
    if found == "utf-8":
        return _Ahead(head.removeprefix(codecs.BOM_UTF8), source), found
    return _AsUtf8(_Ahead(head, source), found), found


def _refuse(path: Path, head: bytes, encoding: Encoding) -> None:
    """BadLine where the file begins as something else than text does."""
    kind = next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), None)
    if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        kind = "a web page or XML, whatever its name: open it in a spreadsheet program and save it as .xlsx or CSV"
    if kind is None and head.count(b"\0") > _NUL_SHARE * len(head) and not encoding.startswith("utf-16"):
        kind = 'no text, or UTF-16 without its mark: then say encoding = "utf-16-le" in the mapping'
    if kind:
        raise BadLine(path, 1, f"the file is {kind}")


class _Gunzipped:
    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = gzip.GzipFile(fileobj=file)

    def read(self, size: int, /) -> bytes:
        try:
            return self._file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise BadLine(self._path, 1, f"the gzip file is damaged or cut off: {error}") from None


class _Ahead:
    """What was read of a source already, and then the rest of it."""

    def __init__(self, head: bytes, source: Readable) -> None:
        self._head = head
        self._source = source

    def read(self, size: int, /) -> bytes:
        head, self._head = self._head[:size], self._head[size:]
        return head + self._source.read(size - len(head)) if len(head) < size else head


class _AsUtf8:
    def __init__(self, source: Readable, encoding: Encoding) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)(_UNREADABLE)
        self._ready = b""
        self._first = True

    def read(self, size: int, /) -> bytes:
        while len(self._ready) < size:
            data = self._source.read(size)
            text = self._decoder.decode(data, final=not data)
            self._ready += (text.removeprefix("\ufeff") if self._first else text).encode("utf-8", "surrogatepass")
            self._first = self._first and not text
            if not data:
                break
        ready, self._ready = self._ready[:size], self._ready[size:]
        return ready


def _mark(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate, which is no UTF-8, in the place of what cannot be read."""
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    raise error


codecs.register_error(_UNREADABLE, _mark)
