"""Which partition one key belongs to: the murmur2 partitioning of Kafka's Java client. That of a column of keys:
`partitions`.

librdkafka calls it `murmur2_random` (with a key, nothing about it is random).
"""

from typing import Final

M: Final = 0x5BD1E995
SEED: Final = 0x9747B28C
WORD: Final = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """The hash as Java has it: a signed 32-bit number."""
    whole = len(key) & ~3
    h = SEED ^ len(key)
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * M & WORD
        k = (k ^ k >> 24) * M & WORD
        h = h * M & WORD ^ k
    if whole < len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * M & WORD
    h = (h ^ h >> 13) * M & WORD
    h ^= h >> 15
    return h - (1 << 32) if h >> 31 else h


def partition_of(key: bytes, partitions: int) -> int:
    """The partition, from 0, of `key` in a topic of `partitions` partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
