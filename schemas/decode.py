"""Records of the log → columns, a whole batch at once.

A batch's values lie end to end in one buffer. Records of one schema are read side by side, field after field: where a
string starts and how long it is, what a number is, and on the way whether every byte is the canonical one. So each
record is judged alone, whatever is beside it, and by the same rule as `wire.examine`, which explains what is bad
(a property test holds the two verdicts equal for any bytes).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.schemas.compiled import compiled
from dompet.schemas.contracts import Contract, Kind, events_by_id, type_codes
from dompet.schemas.dead import DeadRecord
from dompet.schemas.layout import layout_of
from dompet.schemas.limits import FREE_TEXT, NIK_DIGITS, string_fault, time_fault
from dompet.schemas.partitions import partitions_of
from dompet.schemas.records import Records
from dompet.schemas.strings import PackedStrings, Strings
from dompet.schemas.varints import Flags, Longs, Words, read_records, words_at_any_byte
from dompet.schemas.wire import HEADER_BYTES, examine

_BYTE: Final = np.uint64(0xFF)
_DIGIT_ZERO: Final = np.uint64(ord("0"))
_TEN: Final = np.uint64(10)


@dataclass(frozen=True)
class Decoded:
    """A batch as columns, a row a record; a field is at its default (0, "", False) where a row's type lacks it.

    `type_code` is 0 for a dead record; `strings` also come as contiguous Arrow columns. A field that no record of the
    batch has is absent from the mappings, except beneficiary_id. `present` says, for a nullable field, where it is not
    null.
    """

    records: Records
    type_code: NDArray[np.uint8]
    strings: Mapping[str, Strings]
    arrow: Mapping[str, pa.Array]
    longs: Mapping[str, Longs]
    present: Mapping[str, Flags]
    dead: Mapping[int, DeadRecord]

    @cached_property
    def _packed(self) -> dict[str, PackedStrings]:
        return {}

    def packed(self, name: str) -> PackedStrings:
        """A string field as words."""
        if name not in self._packed:
            self._packed[name] = self.strings[name].packed()
        return self._packed[name]

    @cached_property
    def _categories(self) -> dict[str, pa.DictionaryArray]:
        return {}

    def categories(self, name: str) -> pa.DictionaryArray:
        """A string field of few different values as an Arrow dictionary column."""
        if name not in self._categories:
            self._categories[name] = self.arrow[name].dictionary_encode()
        return self._categories[name]

    def category(self, name: str) -> tuple[NDArray[np.int32], Strings]:
        """The same as codes, and the values of the codes."""
        column = self.categories(name)
        # Arrow's own way to NumPy would load pandas, which takes as long as 50,000 events.
        codes = np.frombuffer(column.indices.buffers()[1], dtype=np.int32)
        return codes[column.indices.offset :][: len(column)], Strings.of_arrow(column.dictionary)


class _Columns:
    """The batch while it is read: a column for each field that a record of it may have, filled group by group."""

    def __init__(self, size: int, contracts: Iterable[Contract]) -> None:
        fields = {field.name: field.kind for contract in contracts for field in contract.fields}
        strings = [name for name, kind in fields.items() if kind is Kind.STRING and name != "beneficiary_id"]
        numbers = [name for name, kind in fields.items() if kind is not Kind.STRING]
        # The fold asks for the beneficiary even where no record could be read.
        self._place = {
            name: place for names in (["beneficiary_id", *strings], numbers) for place, name in enumerate(names)
        }
        self._starts = np.zeros((len(strings) + 1, size), dtype=np.int64)
        self._lengths = np.zeros((len(strings) + 1, size), dtype=np.int64)
        self._longs = np.zeros((len(numbers), size), dtype=np.int64)
        self._present = np.zeros((len(numbers), size), dtype=np.bool_)
        self.good = np.zeros(size, dtype=np.bool_)
        self.type_code = np.zeros(size, dtype=np.uint8)
        self.spans = {
            name: (self._starts[place], self._lengths[place]) for place, name in enumerate(["beneficiary_id", *strings])
        }
        self.longs = {name: self._longs[place] for place, name in enumerate(numbers)}
        self.present = {
            name: self._present[place] for place, name in enumerate(numbers) if fields[name] is Kind.NULLABLE_LONG
        }

    def read(self, words: Words, contract: Contract, rows: Longs, position: Longs, end: Longs) -> None:
        """Fill in the records of one schema."""
        self.type_code[rows] = type_codes()[contract.name]
        layout = layout_of(contract)
        columns = np.array([self._place[field.name] for field in contract.fields], dtype=np.int64)
        targets = (self._starts, self._lengths, self._longs, self._present, self.good)
        read_records(words, rows, position, end, layout.forms, columns, layout.low, layout.high, *targets)


def decode(records: Records) -> Decoded:
    """The batch as columns, with the reason for every record that is dead."""
    values = records.values.strings
    words, end = words_at_any_byte(values.blob), values.start + values.length
    groups = _groups(words, values.start, values.length)
    columns = _Columns(len(records), (contract for contract, _ in groups))
    for contract, rows in groups:
        columns.read(words, contract, rows, values.start[rows] + HEADER_BYTES, end[rows])
    strings = {name: Strings(values.blob, *span) for name, span in columns.spans.items()}
    arrow = _check_texts(strings, columns.good)
    _check_keys(records, strings["beneficiary_id"], columns.good)
    columns.good &= records.timed
    if not columns.good.all():
        strings, arrow = _blank(columns, strings, arrow)
    dead = {int(row): _explain(records, int(row)) for row in np.flatnonzero(~columns.good)}
    return Decoded(records, columns.type_code, strings, arrow, columns.longs, columns.present, dead)


def _groups(words: Words, start: Longs, length: Longs) -> list[tuple[Contract, Longs]]:
    """The rows of each contract among those that begin with the wire format's header."""
    head = words[np.minimum(start, len(words) - 1)]
    schema_id = (head >> np.uint64(8)).astype(np.uint32).byteswap()
    ids = np.array(sorted(events_by_id()), dtype=np.uint32)
    place = np.searchsorted(ids, schema_id).clip(max=len(ids) - 1)
    known = (length >= HEADER_BYTES) & (head & _BYTE == 0) & (ids[place] == schema_id)
    counts = np.bincount(place[known], minlength=len(ids))
    return [(events_by_id()[int(ids[one])], np.flatnonzero(known & (place == one))) for one in np.flatnonzero(counts)]


def _check_texts(strings: Mapping[str, Strings], good: Flags) -> dict[str, pa.Array]:
    """Strings as Arrow columns; rows with bytes that their field may not hold are marked as not good."""
    columns = {}
    for name, spans in strings.items():
        columns[name] = column = spans.arrow()
        data = column.buffers()[2]
        if data is None:
            continue
        content = np.frombuffer(data, dtype=np.uint8)
        if not len(content) or (content.min() >= 0x20 and content.max() < 0x7F):
            continue
        low = 0x01 if name in FREE_TEXT else 0x20
        odd = (content < low) | (content >= 0x7F)
        offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
        before = np.concatenate([[0], np.cumsum(odd)])
        suspects = np.flatnonzero(before[offsets[1:]] > before[offsets[:-1]])
        for row in suspects:
            good[row] &= _may_stand(name, spans.row(int(row)))
    return columns


def _may_stand(name: str, raw: bytes) -> bool:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return False
    return string_fault(name, text, len(raw)) is None


def _check_keys(records: Records, beneficiary: Strings, good: Flags) -> None:
    """A record's key is its beneficiary_id, lies in its key's partition, and is no national id number."""
    keys = records.keys.strings
    key_words, words = words_at_any_byte(keys.blob), words_at_any_byte(beneficiary.blob)
    _hold_keys_against(key_words, keys.start, keys.length, words, beneficiary.start, beneficiary.length, good)
    good &= partitions_of(beneficiary, records.partition_count) == records.partition


@compiled
def _hold_keys_against(
    key_words: Words,
    key_start: Longs,
    key_length: Longs,
    words: Words,
    start: Longs,
    length: Longs,
    good: Flags,
) -> None:
    """Keep those good whose key is the string beside it, and has not the form of a national id number: 16 digits."""
    for row in range(len(good)):
        size, at, key_at = length[row], start[row], key_start[row]
        same, digits = key_length[row] == size, size == NIK_DIGITS
        for place in range(size if same else 0):
            byte = words[at + place] & _BYTE
            same &= byte == key_words[key_at + place] & _BYTE
            digits &= byte - _DIGIT_ZERO < _TEN
        good[row] &= same and not digits


def _blank(
    columns: _Columns, strings: Mapping[str, Strings], arrow: dict[str, pa.Array]
) -> tuple[dict[str, Strings], dict[str, pa.Array]]:
    """Take what was read of dead records out of the columns, so that nothing of them reaches the rules."""
    dead = ~columns.good
    columns.type_code[dead] = 0
    for values in (*columns.longs.values(), *columns.present.values()):
        values[dead] = 0
    blanked = {}
    for name, spans in strings.items():
        blanked[name] = spans
        if spans.length[dead].any():
            blanked[name] = Strings(spans.blob, spans.start, np.where(dead, 0, spans.length))
            arrow[name] = blanked[name].arrow()
    return blanked, arrow


def _explain(records: Records, row: int) -> DeadRecord:
    """What is wrong with a record that the columns found dead, by reading it alone."""
    if row in records.unreadable:
        return records.unreadable[row]
    try:
        examine(records.keys[row], records.values[row], int(records.partition[row]), records.partition_count)
    except DeadRecord as fault:
        return fault
    if untimed := time_fault("the record's own timestamp", int(records.timestamp_us[row])):
        return untimed
    at = f"partition {records.partition[row]}, offset {records.offset[row]}"
    raise AssertionError(f"{at}: dead as a column, valid when read alone")
