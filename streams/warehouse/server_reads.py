"""What a server answers to dompet's own queries, as a table of Arrow.

clickhouse-driver does the same by NumPy, but loads pandas for it: a quarter of a second and 50 MB in every process.
"""

from typing import Any

import pyarrow as pa
from clickhouse_driver.arrow.mapping import get_type_and_converter
from clickhouse_driver.block import BlockInfo
from clickhouse_driver.columns.service import read_column
from clickhouse_driver.protocol import ServerPacketTypes
from clickhouse_driver.reader import read_binary_str
from clickhouse_driver.varint import read_varint

from dompet.streams.warehouse.server_client import CancellableClient
from dompet.streams.warehouse.server_columns import is_plain, plain_column


class _Blocks:
    """Reads blocks in the driver's place."""

    def __init__(self, source: Any, context: Any) -> None:
        self._source = source
        self._context = context

    def read(self, use_numpy: bool | None = None) -> pa.Table:
        """The next block; called by the driver."""
        BlockInfo().read(self._source)
        count, rows = read_varint(self._source), read_varint(self._source)
        names, columns = [], []
        for _ in range(count):
            names.append(read_binary_str(self._source))
            columns.append(self._column(read_binary_str(self._source), rows))
        return pa.table(columns, names)

    def _column(self, kind: str, rows: int) -> pa.Array:
        if rows and is_plain(kind):
            return plain_column(self._source, kind, rows)
        type_, made = get_type_and_converter(kind, strings_as_bytes=True)
        values = read_column(self._context, kind, rows, self._source, use_numpy=False) if rows else ()
        return pa.array([value if value is None or made is None else made(value) for value in values], type_)


def read(client: CancellableClient, sql: str) -> pa.Table:
    """The result of a query, texts as bytes. The driver's errors pass through."""
    with client.disconnect_on_error(sql, None):
        connection = client.connection
        usual = connection.block_in
        connection.block_in = _Blocks(usual.fin, connection.context)
        client.begin(sql)
        blocks = [packet.block for packet in client.packet_generator() if packet.type == ServerPacketTypes.DATA]
        connection.block_in = usual
    return pa.concat_tables([one for one in blocks if one.num_rows] or blocks[:1]) if blocks else pa.table({})
