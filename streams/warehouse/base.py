"""What dompet asks of a warehouse: insert columns, read columns, execute. Arrow tables carry columns both ways."""

import mmap
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from dompet.schemas.errors import DompetError
from dompet.streams.process.patience import Unavailable
from dompet.streams.warehouse.literals import literal

if TYPE_CHECKING:
    import pyarrow as pa


class WarehouseError(DompetError):
    """The warehouse did not do what it was asked; the message is its own."""


class WarehouseUnavailable(WarehouseError, Unavailable):
    """It may do later what it did not do now: it is away, too busy, or its disk is full. What was asked may have been
    done all the same.
    """


class WarehouseBusy(DompetError):
    """Another process that is no engine has the embedded warehouse open."""


class Warehouse(Protocol):
    """ClickHouse, as a server or embedded. Every method raises WarehouseError where ClickHouse refuses,
    WarehouseUnavailable where that heals.
    """

    @property
    def public(self) -> str:
        """The configured database."""

    @property
    def database(self) -> str:
        """The one in use: that of a generation of the journal."""

    def use(self, database: str) -> None:
        """Read and write this database from now on."""

    def insert(self, table: str, rows: "pa.Table") -> None:
        """Insert rows, synchronously; columns that are left out take their defaults."""

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        """The result of a query; `%(name)s` in it is a parameter's place."""

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The same for a few rows of whole numbers and of texts in UTF-8, by column name."""

    def execute(self, sql: str) -> None:
        """Run a statement that gives no rows."""

    def answer(self, sql: str, form: str) -> bytes:
        """The result of anybody's read-only query, in one of ClickHouse's output formats."""

    def version(self) -> str:
        """The engine's version, for people."""

    def tune(self) -> None:
        """Settings of this engine for tables that migrations have just made."""

    def stop(self) -> None:
        """End what another thread asks here: its call raises WarehouseUnavailable, as does every later one. What this
        very process computes goes on to its end.
        """

    def close(self) -> None:
        """Let go of it."""


def bound(sql: str, params: Mapping[str, Any] | None) -> str:
    """`sql` with its parameters in place, as literals."""
    if not params:
        return sql
    for name, value in params.items():
        if isinstance(value, str) and not _is_utf8(value):
            raise WarehouseError(f"{name} is not UTF-8")
    return sql % {name: literal(value) for name, value in params.items()}


def escaped(value: str | int) -> str:
    """A value as SQL has it."""
    return literal(value)


def arrow_table(content: bytes | mmap.mmap) -> "pa.Table":
    """The table of an answer in Arrow's file format, which lies where it is; an answer without rows may be empty."""
    import pyarrow as pa  # who is answered in another form need not load it

    return pa.ipc.open_file(pa.py_buffer(content)).read_all() if len(content) else pa.table({})


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_READS = ("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")
_FIRST_WORD = re.compile(r"(?:[\s(]|--[^\n]*\n|/\*.*?\*/)*(\w*)", re.DOTALL)
_QUOTED_OR_COMMENT = re.compile(
    r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`|--[^\n]*|/\*.*?\*/", re.DOTALL
)


def read_only(sql: str) -> str:
    """`sql` itself; WarehouseError where it does not read, or would write a file.

    ClickHouse's own read-only mode lets `USE`, `KILL QUERY` and `INTO OUTFILE` pass.
    """
    first = _FIRST_WORD.match(sql)
    if not first or first[1].upper() not in _READS:
        raise WarehouseError(f"only queries that read can be asked, which begin with {', '.join(_READS)}")
    if re.search(r"\binto\s+outfile\b", _QUOTED_OR_COMMENT.sub(" ", sql), re.IGNORECASE):
        raise WarehouseError("INTO OUTFILE is not for read-only queries: choose a --format and redirect the output")
    return sql
