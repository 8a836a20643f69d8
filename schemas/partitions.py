"""Which partition a key belongs to: the murmur2 partitioning of Kafka's Java client.

librdkafka calls it `murmur2_random` (with a key, nothing about it is random).
"""

from typing import Final

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Longs, Words, words_at_any_byte

_M: Final = 0x5BD1E995
_SEED: Final = 0x9747B28C
_WORD: Final = 0xFFFFFFFF

# The same, and what else the compiled loop needs, as the machine's words.
_U_M: Final = np.uint64(_M)
_U_SEED: Final = np.uint64(_SEED)
_FIT: Final = np.uint64(_WORD)
_POSITIVE: Final = np.uint64(_WORD >> 1)
_U13: Final = np.uint64(13)
_U15: Final = np.uint64(15)
_U24: Final = np.uint64(24)


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


def partitions_of(keys: Strings, partitions: int) -> Longs:
    """As `partition_of`, for a column of keys."""
    found = np.empty(len(keys), dtype=np.int64)
    _partitions(words_at_any_byte(keys.blob), keys.start, keys.length, partitions, found)
    return found


@compiled
def _partitions(words: Words, start: Longs, length: Longs, partitions: int, found: Longs) -> None:
    """`murmur2` of each key, and from it the partition."""
    for row in range(len(found)):
        at, left = start[row], length[row]
        h = _U_SEED ^ np.uint64(left) & _FIT
        while left >= 4:
            k = (words[at] & _FIT) * _U_M & _FIT
            k = (k ^ k >> _U24) * _U_M & _FIT
            h = h * _U_M & _FIT ^ k
            at, left = at + 4, left - 4
        if left:
            tail = words[at] & (_FIT >> np.uint64(32 - 8 * left))
            h = (h ^ tail) * _U_M & _FIT
        h = (h ^ h >> _U13) * _U_M & _FIT
        found[row] = np.int64((h ^ h >> _U15) & _POSITIVE) % partitions
