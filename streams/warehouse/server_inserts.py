"""Rows into a server: blocks of ClickHouse's native format over the connection that clickhouse-driver has made.

The driver would make a Python object of every text. It signs in, sends the statement and receives what the server
answers; the blocks are `native_block`'s, the same bytes that the embedded engine is given.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from clickhouse_driver.block import BlockInfo, ColumnOrientedBlock
from clickhouse_driver.defines import BUFFER_SIZE
from clickhouse_driver.protocol import ClientPacketTypes
from clickhouse_driver.varint import write_varint
from clickhouse_driver.writer import write_binary_str

from dompet.streams.warehouse.base import WarehouseError
from dompet.streams.warehouse.fitting import fitted
from dompet.streams.warehouse.native import Buffer, native_block
from dompet.streams.warehouse.server_client import CancellableClient


def insert(client: CancellableClient, table: str, rows: pa.Table) -> None:
    """Insert rows, in blocks of at most the client's `insert_block_size` rows. The driver's errors pass through.

    WarehouseError where a column is not of the table's type.
    """
    names = ", ".join(f"`{name}`" for name in rows.column_names)
    statement = f"INSERT INTO {table} ({names}) VALUES"
    with client.disconnect_on_error(statement, None):
        client.begin(statement)
        kinds = dict(client.receive_sample_block().columns_with_types)
        for block in _blocks(client, table, rows, kinds):
            _send(client.connection, block)
        client.connection.send_data(ColumnOrientedBlock())  # no more follows
        client.receive_end_of_insert_query()


def _blocks(client: CancellableClient, table: str, rows: pa.Table, kinds: dict[str, str]) -> Iterator[list[Buffer]]:
    size = client.connection.context.client_settings["insert_block_size"]
    for start in range(0, rows.num_rows, size):
        try:
            piece = fitted(rows.slice(start, size), kinds)
        except TypeError as error:
            raise WarehouseError(f"{table} does not take what is inserted: {error}") from None
        yield native_block(piece, kinds)


def _send(connection: Any, block: Iterable[Buffer]) -> None:
    """Send a block as the packet Data."""
    try:
        _write(connection, block)
    except BaseException:
        connection.is_query_executing = False  # else a Cancel would follow, and be taken for the rest of the block
        raise


def _write(connection: Any, block: Iterable[Buffer]) -> None:
    """Compressed where the connection is."""
    write_varint(ClientPacketTypes.DATA, connection.fout)
    write_binary_str("", connection.fout)
    out = connection.block_out
    BlockInfo().write(out.fout)
    if connection.compression:
        for part in block:
            out.fout.write(bytes(part))
        out.finalize()
        return
    connection.fout.flush()
    for piece in _pieces(block):
        connection.socket.sendall(piece)


def _pieces(block: Iterable[Buffer]) -> Iterator[Buffer]:
    """The buffers, small ones joined and large ones cut: the connection's timeout is for one piece."""
    small = bytearray()
    for part in block:
        if len(part) + len(small) < BUFFER_SIZE // 16:
            small += part
            continue
        yield bytes(small)
        small.clear()
        for start in range(0, len(part), BUFFER_SIZE):
            yield part[start : start + BUFFER_SIZE]
    yield bytes(small)
