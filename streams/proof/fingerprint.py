"""Fingerprints: a number a row that NumPy and SQL compute alike, and of which sums are compared.

A row's columns are taken as 64-bit words (a number is one, a text its bytes, zero-padded, and its length), each times a
weight of its own; the sum is mixed, so that what one row lacks another cannot make up for. Weights are drawn again for
each comparison: who changes rows cannot plan for them. All arithmetic is modulo 2^64.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.projections.columns import COLUMNS, LATEST, Kind
from dompet.schemas.compiled import compiled
from dompet.schemas.varints import Bytes, Words, words_at_any_byte
from dompet.streams.warehouse.native import whole

_TEXTS: Final = (Kind.STRING, Kind.CATEGORY)
_WORD_BYTES: Final = 8
_ZERO: Final = np.uint64(0)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Stored:
    """A table of the warehouse as it is compared: what identifies a row, the offset it is placed by, its columns."""

    name: str
    keys: tuple[str, ...]
    place: str
    columns: Mapping[str, Kind]

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that hold texts."""
        return tuple(name for name, kind in self.columns.items() if kind in _TEXTS)


_KINDS: Final = {column.name: column.kind for column in COLUMNS}


def _latest(name: str, *keys: str) -> Stored:
    return Stored(name, keys, "version", {column: _KINDS[source] for column, source in LATEST[name].items()})


JOURNAL: Final = Stored("journal_rows", ("partition", "offset"), "offset", _KINDS)
WALLETS: Final = _latest("wallet_rows", "beneficiary_id")
ORDERS: Final = _latest("order_rows", "beneficiary_id", "platform_id", "order_id")
TABLES: Final = (JOURNAL, WALLETS, ORDERS)


class Fingerprint:
    """The weights of one comparison: they follow from the seed, and from each column's name."""

    def __init__(self, columns: Mapping[str, Kind], seed: int) -> None:
        self._columns = columns
        self._seed = seed.to_bytes(8, "big")
        self._weights: dict[tuple[str, int], int] = {}

    def weight(self, column: str, place: int) -> int:
        """The odd weight of a column's word at a place; −1 is a text's length, or for a number being there."""
        found = self._weights.get((column, place))
        if found is None:
            digest = hashlib.blake2b(f"{column} {place}".encode(), digest_size=8, key=self._seed).digest()
            found = self._weights[column, place] = int.from_bytes(digest, "big") | 1
        return found

    def of(self, rows: pa.Table) -> NDArray[np.uint64]:
        """The number of each row; a column that is left out is at its default, an empty text or zero."""
        total = np.zeros(rows.num_rows, dtype=np.uint64)
        for name, kind in self._columns.items():
            if name in rows.column_names:
                column = whole(rows[name])
                if kind in _TEXTS:
                    self._add_texts(name, column, total)
                    continue
                if kind is Kind.NULLABLE:
                    present = ~np.asarray(column.is_null().to_numpy(zero_copy_only=False))
                    total += present * np.uint64(self.weight(name, -1))
                    column = column.fill_null(0)
                _add_numbers(column.to_numpy(), np.uint64(self.weight(name, 0)), total)
        return mixed(total)

    def _add_texts(self, name: str, column: pa.Array, total: Words) -> None:
        if pa.types.is_dictionary(column.type):
            each = np.zeros(len(column.dictionary), dtype=np.uint64)
            self._add_texts(name, column.dictionary, each)
            total += each[column.indices.to_numpy()]
            return
        column = column.cast(pa.binary())
        _, offsets, content = column.buffers()
        ends = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
        longest = int(np.diff(ends).max(initial=0))
        if content is None or not longest:
            return
        weights = [self.weight(name, place) for place in range(-(-longest // _WORD_BYTES))]
        some = np.frombuffer(content, dtype=np.uint8)
        of_word, of_length = np.array(weights, dtype=np.uint64), np.uint64(self.weight(name, -1))
        _add_weighed(ends, some, words_at_any_byte(some), of_word, of_length, total)

    def sql(self, longest: Mapping[str, int]) -> str:
        """The same number as an expression; `longest` gives the bytes of the longest text of each column of texts."""
        terms: list[str] = []
        for name, kind in self._columns.items():
            if kind in _TEXTS:
                terms += self._texts_sql(name, longest[name])
            elif kind is Kind.NULLABLE:
                terms.append(f"toUInt64(ifNull({name}, 0)) * {self._constant(name, 0)}")
                terms.append(f"isNotNull({name}) * {self._constant(name, -1)}")
            else:
                terms.append(f"toUInt64({name}) * {self._constant(name, 0)}")
        return f"intHash64({' + '.join(terms)})"

    def _texts_sql(self, name: str, longest: int) -> Iterable[str]:
        if longest:
            yield f"length({name}) * {self._constant(name, -1)}"
        for place in range(-(-longest // _WORD_BYTES)):
            # A longer text is taken for its first word, so that this one need not be cut out.
            word = f"substring({name}, {place * _WORD_BYTES + 1}, {_WORD_BYTES})" if place else name
            yield f"reinterpretAsUInt64({word}) * {self._constant(name, place)}"

    def _constant(self, name: str, place: int) -> str:
        return f"toUInt64({self.weight(name, place)})"


def mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each word mixed: ClickHouse's intHash64, which is the end of Murmur3 behind a constant of its own."""
    shift = np.uint64(33)
    words = words ^ np.uint64(0x4CF2D2BAAE6DA887)
    words = (words ^ words >> shift) * np.uint64(0xFF51AFD7ED558CCD)
    words = (words ^ words >> shift) * np.uint64(0xC4CEB9FE1A85EC53)
    return words ^ words >> shift


@compiled
def _add_numbers(values: NDArray[np.integer[Any]], weight: np.uint64, total: Words) -> None:
    """Add each row's number times the weight."""
    for row, value in enumerate(values):
        total[row] += np.uint64(np.int64(value)) * weight


@compiled
def _add_weighed(
    ends: NDArray[np.int32], content: Bytes, words: Words, weights: Words, of_length: np.uint64, total: Words
) -> None:
    """Add each text's words times their weights, and its length times its own."""
    for row in range(len(total)):
        at, end = ends[row], ends[row + 1]
        total[row] += np.uint64(end - at) * of_length
        place = 0
        while at < end:
            left = end - at
            word = _ZERO
            if at < len(words):
                word = words[at] if left >= 8 else words[at] & (_ALL >> np.uint64(64 - 8 * left))
            else:
                for byte in range(left):
                    word |= np.uint64(content[at + byte]) << np.uint64(8 * byte)
            total[row] += word * weights[place]
            at += 8
            place += 1


@dataclass
class Sums:
    """By window of a partition's offsets: how many rows there are, and the sum of their numbers modulo 2^64."""

    found: dict[tuple[int, int], tuple[int, int]]

    def add(self, partition: NDArray[Any], window: NDArray[Any], numbers: NDArray[np.uint64]) -> None:
        """Count rows in."""
        if not len(numbers):
            return
        order = np.lexsort((window, partition))
        partition, window, numbers = partition[order], window[order], numbers[order]
        changes = (partition[1:] != partition[:-1]) | (window[1:] != window[:-1])
        begins = np.concatenate([[0], np.flatnonzero(changes) + 1])
        sums, sizes = np.add.reduceat(numbers, begins), np.diff(np.append(begins, len(numbers)))
        for p, w, size, total in zip(
            partition[begins].tolist(), window[begins].tolist(), sizes.tolist(), sums.tolist(), strict=True
        ):
            rows, before = self.found.get((p, w), (0, 0))
            self.found[p, w] = rows + size, (before + total) & 0xFFFFFFFFFFFFFFFF

    def differing(self, other: "Sums") -> list[tuple[int, int]]:
        """The windows in which the two are not the same, in order."""
        both = self.found.keys() | other.found.keys()
        return sorted(one for one in both if self.found.get(one, (0, 0)) != other.found.get(one, (0, 0)))
