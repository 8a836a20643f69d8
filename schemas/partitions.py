"""Which partition each key of a column belongs to: `murmur2` in a compiled loop."""

from typing import Final

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.murmur2 import SEED, WORD, M
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Longs, Words, words_at_any_byte

# What the compiled loop needs, as the machine's words.
_U_M: Final = np.uint64(M)
_U_SEED: Final = np.uint64(SEED)
_FIT: Final = np.uint64(WORD)
_POSITIVE: Final = np.uint64(WORD >> 1)
_U13: Final = np.uint64(13)
_U15: Final = np.uint64(15)
_U24: Final = np.uint64(24)


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
