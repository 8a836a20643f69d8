"""Which partition a key belongs to: the murmur2 partitioning of Kafka's Java client.

librdkafka calls it `murmur2_random` (with a key, nothing about it is random).
"""

from typing import Final

import numpy as np

from dompet.schemas.strings import PackedStrings
from dompet.schemas.varints import Longs

_M: Final = 0x5BD1E995
_SEED: Final = 0x9747B28C
_WORD: Final = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """The hash as Java has it: a signed 32-bit number."""
    whole = len(key) & ~3
    h = _SEED ^ len(key)
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * _M & _WORD
        k = (k ^ k >> 24) * _M & _WORD
        h = h * _M & _WORD ^ k
    if whole < len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * _M & _WORD
    h = (h ^ h >> 13) * _M & _WORD
    h ^= h >> 15
    return h - (1 << 32) if h >> 31 else h


def partition_of(key: bytes, partitions: int) -> int:
    """The partition, from 0, of `key` in a topic of `partitions` partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def partitions_of(keys: PackedStrings, length: Longs, partitions: int) -> Longs:
    """As `partition_of`, for a column of keys of the given lengths in bytes."""
    m, fit = np.uint64(_M), np.uint64(_WORD)
    h = (np.uint64(_SEED) ^ length.astype(np.uint64)) & fit
    whole = length >> 2
    for place in range(2 * len(keys.words)):
        part = keys.words[place >> 1] >> np.uint64(32 * (place & 1)) & fit
        k = part * m & fit
        k = (k ^ k >> np.uint64(24)) * m & fit
        mixed = h * m & fit ^ k
        tail = np.where((length & 3 != 0) & (whole == place), (h ^ part) * m & fit, h)
        h = np.where(whole > place, mixed, tail)
    h = (h ^ h >> np.uint64(13)) * m & fit
    h ^= h >> np.uint64(15)
    return (h & np.uint64(0x7FFFFFFF)).astype(np.int64) % partitions
