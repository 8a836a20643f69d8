"""What a server answers, in any of ClickHouse's formats, which its native protocol does not know.

The blocks that come over the wire are those of ClickHouse's format `Native`. So they are handed to the embedded engine
byte for byte, under the server's own names of types, and that writes them in the format that was asked for. The
driver only says where each column ends: whatever it would make of a value (text, local time, fraction) is not used.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from clickhouse_driver import Client
from clickhouse_driver.block import BlockInfo
from clickhouse_driver.bufferedreader import BufferedSocketReader
from clickhouse_driver.columns.service import read_column
from clickhouse_driver.defines import BUFFER_SIZE
from clickhouse_driver.protocol import ServerPacketTypes
from clickhouse_driver.streams.native import BlockInputStream
from clickhouse_driver.varint import read_varint

from dompet.streams.warehouse.base import WarehouseError, escaped
from dompet.streams.warehouse.engine import rendered
from dompet.streams.warehouse.faults import refusal
from dompet.streams.warehouse.memory_files import memory_file, path_of
from dompet.streams.warehouse.native_bytes import prefixed, varint

AS_FORMAT: Final = {
    "client_revision": 54453,  # from the next on a column may come in a form that the format has not
    "compression": False,  # the bytes are taken as they come from the socket
}
"""How a connection must be made whose answers are rendered."""

_NAME: Final = "dompet column {}"
_SAME_WIDTH: Final = (
    (r"Enum8\((?:'(?:\\.|[^'\\])*'|[^')])*\)", "Int8"),
    (r"Enum16\((?:'(?:\\.|[^'\\])*'|[^')])*\)", "Int16"),
    (r"DateTime64\([^)]*\)", "Int64"),
    (r"\bDateTime(?:\([^)]*\))?(?!\w)", "UInt32"),
    (r"\bDate32\b", "Int32"),
    (r"\bDate\b", "UInt16"),
)
"""Types whose values the driver would make something of, and those that take as many bytes."""


class _Column(NamedTuple):
    name: bytes
    kind: bytes
    content: bytes


class _Block(NamedTuple):
    columns: list[_Column]
    rows: int


class _Recorder:
    """A socket that keeps what is read from it."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.taken = bytearray()

    def recv_into(self, buffer: bytearray) -> int:
        size: int = self._socket.recv_into(buffer)
        self.taken += memoryview(buffer)[:size]
        return size


class _Blocks:
    """Reads blocks in the driver's place."""

    def __init__(self, socket: Any, context: Any) -> None:
        self._recorder = _Recorder(socket)
        self.source = BufferedSocketReader(self._recorder, BUFFER_SIZE)
        self._context = context

    def read(self, use_numpy: bool | None = None) -> _Block:
        """The next block; called by the driver."""
        del self._recorder.taken[: self._place()]
        BlockInfo().read(self.source)
        count, rows = read_varint(self.source), read_varint(self.source)
        return _Block([self._column(rows) for _ in range(count)], rows)

    def _column(self, rows: int) -> _Column:
        name, kind = self._text(), self._text()
        begin = self._place()
        if rows:
            read_column(self._context, _same_width(kind.decode()), rows, self.source, use_numpy=True)
        return _Column(name, kind, bytes(self._recorder.taken[begin : self._place()]))

    def _text(self) -> bytes:
        return bytes(self.source.read(read_varint(self.source)))

    def _place(self) -> int:
        """How much of what is recorded was read."""
        return len(self._recorder.taken) - int(self.source.current_buffer_size - self.source.position)


def answer(client: Client, sql: str, form: str) -> bytes:
    """The server's answer to a query, in one of ClickHouse's formats; WarehouseError where there is no such format."""
    blocks = list(_received(client, sql))
    if not blocks or not blocks[0].columns:
        return b""
    with memory_file("answer") as file:
        for block in [one for one in blocks if one.rows] or blocks[:1]:
            file.write(_native(block))
        file.flush()
        zone = client.connection.server_info.get_timezone()
        query = f"SELECT {_names(blocks)} FROM file({escaped(path_of(file))}, 'Native')"  # noqa: S608
        try:
            return rendered(query, form, zone)
        except RuntimeError as error:
            raise refusal(str(error), None) from None


def _received(client: Client, sql: str) -> Iterator[_Block]:
    with client.disconnect_on_error(sql, None):
        connection = client.connection
        blocks = _Blocks(connection.socket, connection.context)
        connection.fin, connection.block_in = blocks.source, blocks
        connection.block_in_raw = BlockInputStream(blocks.source, connection.context)
        connection.send_query(sql)
        connection.send_external_tables(None)
        for packet in client.packet_generator():
            if packet.type == ServerPacketTypes.TOTALS:
                raise WarehouseError("a server's totals cannot be shown: ask WITH ROLLUP in place of WITH TOTALS")
            if packet.type == ServerPacketTypes.DATA:
                yield packet.block


def _same_width(kind: str) -> str:
    for pattern, plain in _SAME_WIDTH:
        kind = re.sub(pattern, plain, kind)
    return kind


def _native(block: _Block) -> bytes:
    """A block of the format, whose columns are numbered: two of one name could not be read."""
    parts = [varint(len(block.columns)), varint(block.rows)]
    for number, column in enumerate(block.columns):
        name = _NAME.format(number).encode()
        parts += [prefixed(name), prefixed(column.kind), column.content]
    return b"".join(parts)


def _names(blocks: list[_Block]) -> str:
    """The numbered columns under their names. WarehouseError where two columns of one name differ."""
    columns = blocks[0].columns
    first = {column.name: number for number, column in reversed(list(enumerate(columns)))}
    for number, column in enumerate(columns):
        for block in blocks:
            if block.columns and block.columns[number].content != block.columns[first[column.name]].content:
                shown = column.name.decode("utf-8", "replace")
                raise WarehouseError(f"two columns that differ have the name {shown}: name them by AS")
    return ", ".join(f"`{_NAME.format(first[column.name])}` AS {_identifier(column.name)}" for column in columns)


def _identifier(name: bytes) -> str:
    text = name.decode("utf-8", "surrogateescape").replace("\\", "\\\\").replace("`", "\\`")
    return "`" + re.sub("[\udc80-\udcff]", lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", text) + "`"
