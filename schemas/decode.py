"""Records of the log → columns, a whole batch at once.

A batch's values lie end to end in one buffer. Records of one schema are read side by side, field after field: where a
string starts and how long it is, what a number is, and on the way whether every byte is the canonical one. So each
record is judged alone, whatever stands beside it, and by the same rule as `wire.examine`, which explains what is bad
(a property test holds the two verdicts equal for any bytes).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.schemas.contracts import Contract, Kind, events_by_id, type_codes
from dompet.schemas.dead import DeadRecord
from dompet.schemas.limits import FREE_TEXT, ID_BYTES_MAX, TEXT_BYTES_MAX, TIME_US_END, TIME_US_MIN, string_fault
from dompet.schemas.partitions import partitions_of
from dompet.schemas.records import Records
from dompet.schemas.strings import PackedStrings, Strings
from dompet.schemas.varints import PADDING, Bytes, Flags, Longs, Words, read_lengths, read_longs, words_at_any_byte
from dompet.schemas.wire import HEADER_BYTES, examine

_NIK_BYTES: Final = 16
_HIGH_NIBBLES: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_ZEROS: Final = np.uint64(0x3030303030303030)
_SIXES: Final = np.uint64(0x0606060606060606)


@dataclass(frozen=True)
class Decoded:
    """A batch as columns, a row a record; a field stands at its default (0, "", False) where a row's type lacks it.

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
        """The same as codes, and the values they stand for."""
        column = self.categories(name)
        values = [value.as_buffer().to_pybytes() for value in column.dictionary]
        # Arrow's own way to NumPy would load pandas, which takes as long as 50,000 events.
        codes = np.frombuffer(column.indices.buffers()[1], dtype=np.int32)
        return codes[column.indices.offset :][: len(column)], Strings.of(values)


@dataclass
class _Columns:
    """The batch while it is read: batch-wide columns, filled group by group."""

    blob: Bytes
    words: Words
    size: int
    type_code: NDArray[np.uint8]
    good: Flags
    spans: dict[str, tuple[Longs, Longs]] = field(default_factory=dict)
    longs: dict[str, Longs] = field(default_factory=dict)
    present: dict[str, Flags] = field(default_factory=dict)

    def span(self, name: str) -> tuple[Longs, Longs]:
        if name not in self.spans:
            self.spans[name] = np.zeros(self.size, dtype=np.int64), np.zeros(self.size, dtype=np.int64)
        return self.spans[name]

    def long(self, name: str) -> Longs:
        return self.longs.setdefault(name, np.zeros(self.size, dtype=np.int64))


def decode(records: Records) -> Decoded:
    """The batch as columns, with the reason for every record that is dead."""
    size = len(records)
    values = records.values.strings
    blob, length = values.blob, values.length
    end = values.start + length
    columns = _Columns(blob, words_at_any_byte(blob), size, np.zeros(size, np.uint8), np.zeros(size, np.bool_))
    for schema_id, rows in _groups(columns.words, end - length, length):
        contract = events_by_id().get(schema_id)
        if contract is not None:
            _read_group(columns, contract, rows, end[rows] - length[rows] + HEADER_BYTES, end[rows])
    columns.span("beneficiary_id")  # the fold asks for it even where no record could be read
    strings = {name: Strings(blob, *span) for name, span in columns.spans.items()}
    arrow = _check_texts(strings, columns.good)
    _check_keys(records, strings["beneficiary_id"], arrow["beneficiary_id"], columns.good)
    if not columns.good.all():
        strings, arrow = _blank(columns, strings, arrow)
    dead = {int(row): _explain(records, int(row)) for row in np.flatnonzero(~columns.good)}
    return Decoded(records, columns.type_code, strings, arrow, columns.longs, columns.present, dead)


def _groups(words: Words, start: Longs, length: Longs) -> list[tuple[int, NDArray[np.int64]]]:
    """The rows of each schema id among those that begin with the wire format's header."""
    head = words[np.minimum(start, len(words) - 1)]
    schema_id = (head >> np.uint64(8)).astype(np.uint32).byteswap()
    headed = (length >= HEADER_BYTES) & (head & np.uint64(0xFF) == 0)
    rows = np.flatnonzero(headed)
    return [(int(number), rows[schema_id[rows] == number]) for number in np.unique(schema_id[rows])]


def _read_group(columns: _Columns, contract: Contract, rows: NDArray[np.int64], position: Longs, end: Longs) -> None:
    """Read the records of one schema, field after field, into the batch's columns."""
    blob, words = columns.blob, columns.words
    good = np.ones(len(rows), dtype=np.bool_)
    for one in contract.fields:
        match one.kind:
            case Kind.STRING:
                low, high = (0, TEXT_BYTES_MAX) if one.name in FREE_TEXT else (1, ID_BYTES_MAX)
                length, position, whole = read_lengths(blob, words, position, end)
                good &= whole & (length >= low) & (length <= high) & (length <= end - position)
                length = np.where(good, length, 0)
                starts, lengths = columns.span(one.name)
                starts[rows], lengths[rows] = position, length
                position = position + length
            case Kind.LONG | Kind.TIME:
                value, position, whole = read_longs(blob, words, position, end)
                if one.kind is Kind.TIME:
                    whole &= (value >= TIME_US_MIN) & (value < TIME_US_END)
                good &= whole
                columns.long(one.name)[rows] = value
            case Kind.NULLABLE_LONG:
                position = _read_nullable(columns, one.name, rows, position, end, good)
            case Kind.BOOLEAN:
                value = blob[position].astype(np.int64)
                good &= (position < end) & (value <= 1)
                columns.long(one.name)[rows] = value
                position = np.minimum(position + 1, end)
    good &= position == end
    columns.good[rows] = good
    columns.type_code[rows] = type_codes()[contract.name]


def _read_nullable(
    columns: _Columns, name: str, rows: NDArray[np.int64], position: Longs, end: Longs, good: Flags
) -> Longs:
    """A union of null and long: one branch byte, 0 or 2, then the long where it is 2. Returns the position after it."""
    branch = columns.blob[position]
    good &= (position < end) & ((branch == 0) | (branch == 2))
    position = np.minimum(position + 1, end)
    some = np.flatnonzero(branch == 2)
    value, after, whole = read_longs(columns.blob, columns.words, position[some], end[some])
    position[some] = after
    good[some] &= whole
    columns.long(name)[rows[some]] = value
    columns.present.setdefault(name, np.zeros(columns.size, np.bool_))[rows[some]] = True
    return position


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


def _check_keys(records: Records, beneficiary: Strings, column: pa.Array, good: Flags) -> None:
    """A record's key is its beneficiary_id, lies in its key's partition, and is no national id number."""
    keys = records.keys.strings
    packed = beneficiary.packed()
    # Lengths first: words alone cannot tell a NUL at the end, and one long key would make every row of them as wide.
    same_length = keys.length == beneficiary.length
    data = column.buffers()[2]
    if not same_length.all() or data is None or keys.blob[:-PADDING].tobytes() != data.to_pybytes():
        good &= same_length
        good &= Strings(keys.blob, keys.start, np.where(good, keys.length, 0)).packed().equals(packed)
    good &= partitions_of(packed, beneficiary.length, records.partition_count) == records.partition
    good &= ~_all_digits(packed, beneficiary.length)


def _all_digits(packed: PackedStrings, length: Longs) -> Flags:
    """Where a string has the form of a national id number: 16 ASCII digits."""
    found: Flags = length == _NIK_BYTES
    if found.any():
        words = packed.words[:2]
        digits = (words & _HIGH_NIBBLES == _ZEROS) & (words + _SIXES & _HIGH_NIBBLES == _ZEROS)
        found &= digits.all(axis=0)
    return found


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
    try:
        examine(records.keys[row], records.values[row], int(records.partition[row]), records.partition_count)
    except DeadRecord as fault:
        return fault
    at = f"partition {records.partition[row]}, offset {records.offset[row]}"
    raise AssertionError(f"{at}: dead as a column, valid when read alone")
