"""From keys to rows: an exact index over packed strings, without a Python object for each key.

An open-addressing hash table in one array of words. A slot holds 32 bits of a key's hash beside its row, so that most
misses end without a look at the key itself; a hit is always checked against the key's own words, so hash collisions
cost time and never correctness. About 40 bytes a key of 16 bytes, all told.
"""

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.strings import PackedStrings, Strings
from dompet.schemas.varints import Flags, Longs, Words

_LOW32: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_MIX_A: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_B: Final = np.uint64(0xD6E8FEB86659FD93)
_BITS_MIN: Final = 8
_LOAD_MAX: Final = 0.6

Rows = NDArray[np.int64]
_T = TypeVar("_T", bound=np.generic)


class KeyIndex:
    """Rows from 1, in the order in which keys were added (those of one `intern` in any order); row 0: no such key.

    `seed` only decides where keys lie in memory (a secret one keeps publishers from crafting collisions); no result
    depends on it.
    """

    def __init__(self, seed: int = 0, expected: int = 0) -> None:
        self.seed = seed
        self._seed = np.uint64(seed)
        self._bits = max(_BITS_MIN, int(expected / _LOAD_MAX).bit_length())
        self._slots = np.zeros(1 << self._bits, dtype=np.uint64)
        self._arena = np.zeros(max(2 * expected, 64), dtype=np.uint64)
        self._start = np.zeros(expected + 2, dtype=np.uint32)
        self.count = 0

    def find(self, keys: PackedStrings) -> Rows:
        """The row of each key, 0 where it was never added."""
        return self._probe(keys, self._tags(keys))[0]

    def intern(self, keys: PackedStrings) -> Rows:
        """The row of each key, added where it is new; the same key may stand in many places."""
        tags = self._tags(keys)
        found, slot = self._probe(keys, tags)
        new = np.flatnonzero(found == 0)
        if not len(new):
            return found
        if self._reserve(len(new)):
            slot[new] = self._home(tags[new])
        # Keys race for free slots: of those that want one slot, one wins and is added, the others look on from there.
        while len(new):
            rows, slot[new] = self._probe(keys.take(new), tags[new], slot[new])
            found[new] = rows
            new = new[rows == 0]
            claimed, first = np.unique(slot[new], return_index=True)
            winners = new[first]
            found[winners] = added = self._store(keys.take(winners))
            self._slots[claimed] = tags[winners] << _HALF | added.astype(np.uint64)
            new = new[found[new] == 0]
        return found

    def append(self, keys: PackedStrings) -> Rows:
        """Add distinct keys that are not in the index; their rows follow one another in the order given."""
        tags = self._tags(keys)
        self._reserve(len(tags))
        rows = self._store(keys)
        self._place(tags << _HALF | rows.astype(np.uint64))
        return rows

    def strings(self, rows: NDArray[np.integer[Any]]) -> Strings:
        """The keys of the given rows as strings (row 0 is the empty one); true of keys that are plain strings."""
        start = self._start[rows].astype(np.int64)
        words = np.where(rows > 0, self._start[rows + 1] - start, 0)
        last = self._arena[np.maximum(start + words - 1, 0)]
        unused = (64 - _bit_length(last)) >> 3
        length = np.where(rows > 0, 8 * words - unused, 0)
        return Strings(self._arena.view(np.uint8), 8 * start, length)

    def _tags(self, keys: PackedStrings) -> Words:
        """32 bits of hash for each key."""
        h = np.full(keys.words.shape[1], self._seed, dtype=np.uint64)
        shortest = int(keys.counts.min(initial=len(keys.words)))
        for place, word in enumerate(keys.words):
            mixed = (h ^ word) * _MIX_A
            mixed ^= mixed >> _HALF
            h = mixed if place < shortest else np.where(keys.counts > place, mixed, h)
        h = h * _MIX_B
        return (h ^ h >> _HALF) & _LOW32

    def _home(self, tags: Words) -> Rows:
        return (tags >> np.uint64(32 - self._bits)).astype(np.int64)

    def _probe(self, keys: PackedStrings, tags: Words, slot: Rows | None = None) -> tuple[Rows, Rows]:
        """The row of each key (0 where absent) and the slot where its search ended."""
        slot = self._home(tags) if slot is None else slot.copy()
        found = np.zeros(len(tags), dtype=np.int64)
        pending = np.arange(len(tags))
        last = len(self._slots) - 1
        while len(pending):
            held = self._slots[slot[pending]]
            maybe = (held >> _HALF == tags[pending]) & (held != 0)
            rows = (held[maybe] & _LOW32).astype(np.int64)
            candidates = pending[maybe]
            same = self._same(keys, candidates, rows)
            found[candidates[same]] = rows[same]
            pending = pending[(held != 0) & (found[pending] == 0)]
            slot[pending] = (slot[pending] + 1) & last
        return found, slot

    def _same(self, keys: PackedStrings, which: Rows, rows: Rows) -> Flags:
        """Whether `which` of the keys are those stored as `rows`."""
        start = self._start[rows].astype(np.int64)
        counts = keys.counts[which]
        same: Flags = self._start[rows + 1] - start == counts
        for place, word in enumerate(keys.words):
            stored = self._arena[np.minimum(start + place, len(self._arena) - 1)]
            same &= (stored == word[which]) | (counts <= place)
        return same

    def _store(self, keys: PackedStrings) -> Rows:
        """Append distinct new keys and return their rows."""
        size = len(keys.counts)
        rows = np.arange(self.count + 1, self.count + size + 1)
        if len(self._start) < self.count + size + 2:
            self._start = _grown(self._start, self.count + size + 2)
        begin = int(self._start[self.count + 1])
        ends = begin + np.cumsum(keys.counts)
        if size and len(self._arena) < ends[-1] + 2:  # strings() may load a word beyond a key
            self._arena = _grown(self._arena, int(ends[-1]) + 2)
        self._start[rows + 1] = ends
        for place, word in enumerate(keys.words):
            has = keys.counts > place
            self._arena[(ends - keys.counts)[has] + place] = word[has]
        self.count += size
        return rows

    def _reserve(self, more: int) -> bool:
        """Room for `more` keys; True where the table grew, and every key was placed anew by its kept hash bits."""
        if self.count + more <= _LOAD_MAX * len(self._slots):
            return False
        held = self._slots[self._slots != 0]
        self._bits = max(self._bits + 1, int((self.count + more) / _LOAD_MAX).bit_length())
        self._slots = np.zeros(1 << self._bits, dtype=np.uint64)
        self._place(held)
        return True

    def _place(self, entries: Words) -> None:
        """Put entries, each of another key, into free slots."""
        last = len(self._slots) - 1
        slot = self._home(entries >> _HALF)
        while len(entries):
            free = self._slots[slot] == 0
            self._slots[slot[free]] = entries[free]  # of several that want one slot the last wins
            left = self._slots[slot] != entries
            entries, slot = entries[left], (slot[left] + 1) & last

    def nbytes(self) -> int:
        """Bytes of memory reserved."""
        return self._slots.nbytes + self._arena.nbytes + self._start.nbytes


def _bit_length(words: Words) -> Longs:
    """The place of each word's highest bit that is set, from 1; 0 for zero."""
    filled = words.copy()
    for by in (1, 2, 4, 8, 16, 32):
        filled |= filled >> np.uint64(by)
    return np.bitwise_count(filled).astype(np.int64)


def _grown(array: NDArray[_T], size: int) -> NDArray[_T]:
    larger = np.zeros(max(size, 2 * len(array)), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
