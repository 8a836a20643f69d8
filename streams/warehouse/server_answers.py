"""What a server answers, in any of ClickHouse's formats, which its native protocol does not know.

The blocks that come over the wire are those of ClickHouse's format `Native`. So they are handed to the embedded engine
byte for byte, under the server's own names of types, and that writes them in the format that was asked for. The
driver only says where each column ends: whatever it would make of a value (text, local time, fraction) is not used.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

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
from dompet.streams.warehouse.server_client import CancellableClient
from dompet.streams.warehouse.server_columns import is_plain, plain_column

AS_FORMAT: Final = {"compression": False}
"""How a connection must be made whose answers are rendered: their bytes are taken as they come from the socket."""

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


class Column(NamedTuple):
    """Its content is as the format `Native` has it."""

    name: bytes
    kind: bytes
    content: bytes


class Block(NamedTuple):
    """Some rows of an answer."""

    columns: list[Column]
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

    def read(self, use_numpy: bool | None = None) -> Block:
        """The next block; called by the driver."""
        del self._recorder.taken[: self._place()]
        BlockInfo().read(self.source)
        count, rows = read_varint(self.source), read_varint(self.source)
        return Block([self._column(rows) for _ in range(count)], rows)

    def _column(self, rows: int) -> Column:
        name, kind = self._text(), self._text()
        begin = self._place()
        if rows:
            self._pass(_same_width(kind.decode()), rows)
        return Column(name, kind, bytes(self._recorder.taken[begin : self._place()]))

    def _pass(self, kind: str, rows: int) -> None:
        if not is_plain(kind):
            read_column(self._context, kind, rows, self.source, use_numpy=False)
        else:
            plain_column(self.source, kind, rows)

    def _text(self) -> bytes:
        return bytes(self.source.read(read_varint(self.source)))

    def _place(self) -> int:
        """How much of what is recorded was read."""
        return len(self._recorder.taken) - int(self.source.current_buffer_size - self.source.position)


class Answer:
    """What a server answers to a query, block by block. `settings` hold for it beside the client's own. The driver's
    errors pass through.
    """

    def __init__(self, client: CancellableClient, sql: str, settings: Mapping[str, Any] | None = None) -> None:
        self._client = client
        self._sql = sql
        self._settings = dict(settings or {})
        self.rows_read = 0
        self.bytes_read = 0

    @property
    def timezone(self) -> str:
        """The server's."""
        return str(self._client.connection.server_info.get_timezone())

    def blocks(self) -> Iterator[Block]:
        """The blocks as they come; the first is the head, without rows. WarehouseError for totals."""
        client = self._client
        with client.disconnect_on_error(self._sql, self._settings):
            connection = client.connection
            usual = connection.fin, connection.block_in, connection.block_in_raw
            reading = _Blocks(connection.socket, connection.context)
            connection.fin, connection.block_in = reading.source, reading
            connection.block_in_raw = BlockInputStream(reading.source, connection.context)
            client.begin(self._sql)
            for packet in client.packet_generator():
                if packet.type == ServerPacketTypes.TOTALS:
                    raise WarehouseError("a server's totals cannot be shown: ask WITH ROLLUP in place of WITH TOTALS")
                if packet.type == ServerPacketTypes.DATA:
                    yield packet.block
                elif packet.type == ServerPacketTypes.PROGRESS:
                    self.rows_read += packet.progress.rows
                    self.bytes_read += packet.progress.bytes
            connection.fin, connection.block_in, connection.block_in_raw = usual

    def query(self, first: Block, path: str) -> str:
        """The query of an engine that reads from a file, or a pipe, what `native` writes, under the columns' names."""
        numbered = [f"`{_NAME.format(number)}` {column.kind.decode()}" for number, column in enumerate(first.columns)]
        place = f"file({escaped(path)}, 'Native', {escaped(', '.join(numbered))})"
        names = [f"`{_NAME.format(of)}` AS {_identifier(first.columns[of].name)}" for of in _same_named(first)]
        return f"SELECT {', '.join(names)} FROM {place}"  # noqa: S608

    def native(self, block: Block, first: Block) -> bytes:
        """A block of the format `Native`, whose columns are numbered: two of one name could not be read.

        WarehouseError where two columns of one name differ.
        """
        if not block.columns:
            return b""
        for column, of in zip(block.columns, _same_named(first), strict=True):
            if column.content != block.columns[of].content:
                shown = column.name.decode("utf-8", "replace")
                raise WarehouseError(f"two columns that differ have the name {shown}: name them by AS")
        parts = [varint(len(block.columns)), varint(block.rows)]
        for number, column in enumerate(block.columns):
            parts += [prefixed(_NAME.format(number).encode()), prefixed(column.kind), column.content]
        return b"".join(parts)


def answer(client: CancellableClient, sql: str, form: str) -> bytes:
    """The server's whole answer to a query, in one of ClickHouse's formats; WarehouseError where there is no such
    format.
    """
    asked = Answer(client, sql)
    blocks = list(asked.blocks())
    if not blocks or not blocks[0].columns:
        return b""
    with memory_file("answer") as file:
        for block in [one for one in blocks if one.rows] or blocks[:1]:
            file.write(asked.native(block, blocks[0]))
        file.flush()
        try:
            return rendered(asked.query(blocks[0], path_of(file)), form, asked.timezone)
        except RuntimeError as error:
            raise refusal(str(error), None) from None


def _same_named(block: Block) -> list[int]:
    """For each column the number of the first one of its name."""
    first = {column.name: number for number, column in reversed(list(enumerate(block.columns)))}
    return [first[column.name] for column in block.columns]


def _same_width(kind: str) -> str:
    for pattern, plain in _SAME_WIDTH:
        kind = re.sub(pattern, plain, kind)
    return kind


def _identifier(name: bytes) -> str:
    text = name.decode("utf-8", "surrogateescape").replace("\\", "\\\\").replace("`", "\\`")
    return "`" + re.sub("[\udc80-\udcff]", lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", text) + "`"
