"""From keys to rows: an exact index over packed strings, without a Python object for each key.

An open-addressing hash table in one array of words. A slot holds 32 bits of a key's hash beside its row, so that most
misses end without a look at the key itself; a hit is always checked against the key's own words, so hash collisions
cost time and never correctness. About 40 bytes a key of 16 bytes in all.
"""

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.compiled import compiled
from dompet.schemas.strings import PackedStrings, Strings
from dompet.schemas.varints import Longs, Words

_LOW32: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_ONE: Final = np.uint64(1)
_MIX_A: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_B: Final = np.uint64(0xD6E8FEB86659FD93)
_BITS_MIN: Final = 8
_LOAD_MAX: Final = 0.6
_AMPLE_BYTES: Final = 1 << 26

Rows = NDArray[np.int64]
Starts = NDArray[np.uint32]
_T = TypeVar("_T", bound=np.generic)


class KeyIndex:
    """Rows from 1, in the order in which keys were added; row 0: no such key.

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
        found = np.zeros(len(keys), dtype=np.int64)
        _find(self._slots, self._arena, self._start, keys.words, keys.counts, self._tags(keys), found)
        return found

    def intern(self, keys: PackedStrings) -> Rows:
        """The row of each key, added where it is new; the same key may be in many places."""
        tags = self._tags(keys)
        found = np.zeros(len(keys), dtype=np.int64)
        missing = _find(self._slots, self._arena, self._start, keys.words, keys.counts, tags, found)
        if missing:
            self._reserve(missing, int(keys.counts[found == 0].sum()))
            self.count = _add(self._slots, self._arena, self._start, keys.words, keys.counts, tags, found, self.count)
        return found

    def append(self, keys: PackedStrings) -> Rows:
        """Add distinct keys that are not in the index; their rows follow one another in the order given."""
        rows = np.zeros(len(keys), dtype=np.int64)
        self._reserve(len(keys), int(keys.counts.sum()))
        tags = self._tags(keys)
        self.count = _add(self._slots, self._arena, self._start, keys.words, keys.counts, tags, rows, self.count)
        return rows

    def first_words(self, rows: Rows) -> Words:
        """The first word of the keys of the given rows."""
        words: Words = self._arena[self._start[rows]]
        return words

    def keys(self, rows: Rows) -> PackedStrings:
        """The keys of the given rows (none of them row 0), as they were added."""
        begin = self._start[rows].astype(np.int64)
        counts = self._start[rows + 1] - begin
        words = np.zeros((max(int(counts.max(initial=0)), 1), len(rows)), dtype=np.uint64)
        for place in range(len(words)):
            longer = counts > place
            words[place, longer] = self._arena[begin[longer] + place]
        return PackedStrings(words, counts)

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
        tags = np.empty(len(keys), dtype=np.uint64)
        _hash(keys.words, keys.counts, self._seed, tags)
        return tags

    def _reserve(self, keys: int, words: int) -> None:
        """Room for so many more keys, of so many words in all."""
        if len(self._start) < self.count + keys + 2:
            self._start = _grown(self._start, self.count + keys + 2)
        used = int(self._start[self.count + 1])
        if len(self._arena) < used + words + 2:  # strings() may load a word beyond a key
            self._arena = _grown(self._arena, used + words + 2)
        if self.count + keys > _LOAD_MAX * len(self._slots):
            self._bits = max(self._bits + 1, int((self.count + keys) / _LOAD_MAX).bit_length())
            held, self._slots = self._slots, np.zeros(1 << self._bits, dtype=np.uint64)
            _place(held, self._slots)

    def nbytes(self) -> int:
        """Bytes of memory reserved."""
        return self._slots.nbytes + self._arena.nbytes + self._start.nbytes


def _bit_length(words: Words) -> Longs:
    """The place of each word's highest bit that is set, from 1; 0 for zero."""
    filled = words.copy()
    for by in (1, 2, 4, 8, 16, 32):
        filled |= filled >> np.uint64(by)
    return np.bitwise_count(filled).astype(np.int64)


def grown_size(array: NDArray[Any], needed: int) -> int:
    """How long an array becomes that must hold more: much longer while it is small, for memory that nothing was
    written to yet costs nothing, but copying does; later twice as long.
    """
    ample = min(16 * len(array), _AMPLE_BYTES // array.itemsize)
    return max(needed, 2 * len(array), ample)


def _grown(array: NDArray[_T], size: int) -> NDArray[_T]:
    larger = np.zeros(grown_size(array, size), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


@compiled
def _hash(words: Words, counts: Longs, seed: np.uint64, tags: Words) -> None:
    """The low half of each key's hash."""
    for key in range(len(tags)):
        mixed = seed
        for place in range(counts[key]):
            mixed = (mixed ^ words[place, key]) * _MIX_A
            mixed ^= mixed >> _HALF
        mixed *= _MIX_B
        tags[key] = (mixed ^ mixed >> _HALF) & _LOW32


@compiled
def _home(tag: np.uint64, slots: Words) -> np.uint64:
    """The slot where the search for a key with this hash begins."""
    return tag * np.uint64(len(slots)) >> _HALF


@compiled
def _end_of_search(
    slots: Words, arena: Words, start: Starts, words: Words, counts: Longs, tag: np.uint64, key: int
) -> np.uint64:
    """The slot that holds the key, or the free one where it would go."""
    last = np.uint64(len(slots) - 1)
    slot = _home(tag, slots)
    while slots[slot]:
        held = slots[slot]
        if held >> _HALF == tag:
            begin = np.int64(start[held & _LOW32])
            place, size = 0, np.int64(start[(held & _LOW32) + _ONE]) - begin
            if size == counts[key]:
                while place < size and arena[begin + place] == words[place, key]:
                    place += 1
                if place == size:
                    return slot
        slot = slot + _ONE & last
    return slot


@compiled
def _find(slots: Words, arena: Words, start: Starts, words: Words, counts: Longs, tags: Words, found: Rows) -> int:
    """The row of each key, where it has one; returns how many have none."""
    missing = 0
    for key in range(len(found)):
        slot = _end_of_search(slots, arena, start, words, counts, tags[key], key)
        found[key] = slots[slot] & _LOW32
        missing += found[key] == 0
    return missing


@compiled
def _add(
    slots: Words, arena: Words, start: Starts, words: Words, counts: Longs, tags: Words, rows: Rows, count: int
) -> int:
    """Give every key without a row the next one, unless the same key was given one before; returns the last row."""
    for key in range(len(rows)):
        if rows[key]:
            continue
        slot = _end_of_search(slots, arena, start, words, counts, tags[key], key)
        if not slots[slot]:
            count += 1
            begin = start[count]
            for place in range(counts[key]):
                arena[begin + place] = words[place, key]
            start[count + 1] = begin + counts[key]
            slots[slot] = tags[key] << _HALF | np.uint64(count)
        rows[key] = slots[slot] & _LOW32
    return count


@compiled
def _place(held: Words, slots: Words) -> None:
    """Put every entry of a smaller table into a larger one, by its kept hash bits."""
    last = np.uint64(len(slots) - 1)
    for entry in held:
        if entry:
            slot = _home(entry >> _HALF, slots)
            while slots[slot]:
                slot = slot + _ONE & last
            slots[slot] = entry
