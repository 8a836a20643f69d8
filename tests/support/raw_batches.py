"""Kafka's batches (magic 2) built by hand and sent as they are, as a client of somebody's own might send them."""

import socket
import struct
import time
from collections.abc import Sequence
from typing import Final

import zstandard
from aiokafka.record.util import calc_crc32c

from dompet.schemas.binary import write_long

ZSTD: Final = 4
_HEADER: Final = ">qiibIhiqqqhii"
"""Base offset, length, leader epoch, magic, checksum, attributes, last offset delta, two times, the producer's id, its
epoch and its sequence, number of records.
"""
_LENGTH_FROM: Final = 12
_CHECKED_FROM: Final = 21
_TIME_MS: Final = 1_600_000_000_000
_PRODUCE, _VERSION, _LIMIT_S = 0, 7, 30
_NOT_YET: Final = (3, 5, 6)
"""What a broker says of a topic that was just made."""

Record = tuple[bytes | None, bytes | None]


def record(key: bytes | None, value: bytes | None, delta: int) -> bytes:
    """One record of a batch, `delta` offsets after its first."""
    body = b"\0" + write_long(0) + write_long(delta)
    for part in (key, value):
        body += write_long(-1) if part is None else write_long(len(part)) + part
    body += write_long(0)
    return write_long(len(body)) + body


def batch(
    records: Sequence[Record] = (),
    *,
    codec: int = 0,
    payload: bytes | None = None,
    count: int | None = None,
    deltas: Sequence[int] | None = None,
) -> bytes:
    """A batch of these records, compressed by zstd or as `payload` has it. `count` and `deltas`: as they are said."""
    size = len(records) if count is None else count
    places = range(len(records)) if deltas is None else deltas
    body = b"".join(record(*one, delta) for one, delta in zip(records, places, strict=True))
    if payload is None:
        payload = zstandard.ZstdCompressor().compress(body) if codec == ZSTD else body
    fields = (codec, size - 1, _TIME_MS, _TIME_MS, -1, -1, -1, size)
    checked = struct.pack(_HEADER, 0, 0, -1, 2, 0, *fields)[_CHECKED_FROM:] + payload
    length = _CHECKED_FROM - _LENGTH_FROM + len(checked)
    return struct.pack(">qiibI", 0, length, -1, 2, calc_crc32c(checked)) + checked


def streamed(records: Sequence[Record]) -> bytes:
    """A payload of these records as a stream of zstd, which does not say how long it is when unpacked."""
    packing = zstandard.ZstdCompressor().compressobj()
    return b"".join(packing.compress(record(*one, at)) for at, one in enumerate(records)) + packing.flush()


def send(bootstrap: str, topic: str, partition: int, records: bytes) -> int:
    """Produce a batch; its first record's offset."""
    name = topic.encode()
    request = struct.pack(">hhih", _PRODUCE, _VERSION, 1, -1) + struct.pack(">hhi", -1, -1, _LIMIT_S * 1000)
    request += struct.pack(">ih", 1, len(name)) + name + struct.pack(">iii", 1, partition, len(records)) + records
    deadline = time.monotonic() + _LIMIT_S
    while True:
        error, offset = struct.unpack_from(">hq", _answer(bootstrap, request), 4 + 4 + 2 + len(name) + 4 + 4)
        if error not in _NOT_YET or time.monotonic() > deadline:
            assert not error, f"the broker refuses the batch: {error}"
            return int(offset)


def _answer(bootstrap: str, request: bytes) -> bytes:
    host, _, port = bootstrap.partition(":")
    with socket.create_connection((host, int(port)), _LIMIT_S) as connection, connection.makefile("rb") as answer:
        connection.sendall(struct.pack(">i", len(request)) + request)
        return answer.read(*struct.unpack(">i", answer.read(4)))
