"""How an answer is packed on its way, and a question unpacked: HTTP's content encodings, and ClickHouse's blocks."""

import struct
from collections.abc import Iterator
from typing import Any, Final, Protocol

import cramjam
from clickhouse_cityhash.cityhash import CityHash128

from dompet.streams.engine.refusals import BAD_ARGUMENTS, Refusal

BLOCK_BYTES: Final = 1 << 20
"""The longest content of one of ClickHouse's blocks, as ClickHouse itself makes them."""

_LZ4: Final = 0x82
_ZSTD: Final = 0x90
_NONE: Final = 0x02
_HEAD: Final = struct.Struct("<BII")
"""Method, length with this head, length of the content."""
_HASH_BYTES: Final = 16
_MASK: Final = (1 << 64) - 1

_MODULES: Final[dict[str, tuple[Any, int]]] = {
    "zstd": (cramjam.zstd, 1),
    "br": (cramjam.brotli, 4),
    "lz4": (cramjam.lz4, 1),
    "gzip": (cramjam.gzip, 3),
    "deflate": (cramjam.zlib, 3),
}
"""By name, in the order in which they are chosen: what packs so, and how hard it tries. Each packs at tens of MB/s."""


class Packing(Protocol):
    """Packs one answer. Each piece can be read as soon as it is there."""

    def piece(self, content: bytes) -> bytes:
        """The next piece, packed."""

    def end(self) -> bytes:
        """What comes after the last piece."""


class Plain:
    """Packs nothing."""

    def piece(self, content: bytes) -> bytes:
        return content

    def end(self) -> bytes:
        return b""


class Encoded:
    """One of HTTP's content encodings."""

    def __init__(self, name: str) -> None:
        module, level = _MODULES[name]
        self._compressor = module.Compressor(level=level)

    def piece(self, content: bytes) -> bytes:
        self._compressor.compress(content)
        return bytes(self._compressor.flush())

    def end(self) -> bytes:
        return bytes(self._compressor.finish())


class Blocks:
    """ClickHouse's own: `compress=1` in the address."""

    def piece(self, content: bytes) -> bytes:
        return b"".join(_block(content[at : at + BLOCK_BYTES]) for at in range(0, len(content), BLOCK_BYTES))

    def end(self) -> bytes:
        return b""


def chosen_encoding(accepted: str) -> str:
    """The encoding for an Accept-Encoding header; empty for none."""
    wanted = {}
    for one in accepted.split(","):
        name, _, weight = one.partition(";")
        wanted[name.strip().lower()] = weight.strip().replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((name for name in _MODULES if wanted.get(name)), "")


def unpacked(content: bytes, encoding: str, bytes_max: int) -> bytes:
    """A question that came in one of HTTP's encodings. Refusal where it cannot be unpacked, or is too long then."""
    if encoding in ("", "identity"):
        return content
    if encoding not in _MODULES:
        raise Refusal(BAD_ARGUMENTS, f"a question in the encoding {encoding!r} cannot be read")
    room = bytearray(bytes_max)
    try:
        length = _MODULES[encoding][0].decompress_into(content, room)
    except cramjam.DecompressionError as error:
        raise Refusal(
            BAD_ARGUMENTS, f"the question cannot be unpacked from {encoding} into {bytes_max} bytes: {error}"
        ) from None
    return bytes(room[:length])


def unpacked_blocks(content: bytes, bytes_max: int) -> bytes:
    """A question that came in ClickHouse's own blocks (`decompress=1`); Refusal as above."""
    try:
        return b"".join(_contents(memoryview(content), bytes_max))
    except (struct.error, cramjam.DecompressionError, ValueError) as error:
        raise Refusal(BAD_ARGUMENTS, f"the question is not in ClickHouse's compressed blocks: {error}") from None


def _contents(content: memoryview, bytes_max: int) -> Iterator[bytes]:
    while content:
        method, packed_length, length = _HEAD.unpack_from(content, _HASH_BYTES)
        bytes_max -= length
        block = content[_HASH_BYTES : _HASH_BYTES + packed_length]
        if bytes_max < 0 or len(block) != packed_length:
            raise ValueError("too long, or cut short")
        if _hash(bytes(block)) != bytes(content[:_HASH_BYTES]):
            raise ValueError("a checksum differs")
        yield _content(method, block[_HEAD.size :], length)
        content = content[_HASH_BYTES + packed_length :]


def _content(method: int, packed: memoryview, length: int) -> bytes:
    if method == _NONE:
        return bytes(packed)
    unpack = {_LZ4: cramjam.lz4.decompress_block_into, _ZSTD: cramjam.zstd.decompress_into}.get(method)
    if unpack is None:
        raise ValueError(f"method {method:#x} is unknown")
    room = bytearray(length)
    unpack(packed, room)
    return bytes(room)


def _block(content: bytes) -> bytes:
    packed = bytes(cramjam.lz4.compress_block(content, store_size=False))
    block = _HEAD.pack(_LZ4, _HEAD.size + len(packed), len(content)) + packed
    return _hash(block) + block


def _hash(block: bytes) -> bytes:
    number = CityHash128(block)
    return struct.pack("<QQ", number >> 64 & _MASK, number & _MASK)
