"""Events as lines of JSON → records of the log, a block of lines at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dompet.schemas.contracts import Contract, Kind, events_by_name
from dompet.schemas.encode import Columns, Encoded, encode_columns
from dompet.schemas.encode_json import TIME, TYPE, Names, read_lines, trim
from dompet.schemas.encode_records import ALONE
from dompet.schemas.json_lines import read_fields, too_long
from dompet.schemas.strings import Strings
from dompet.schemas.varints import BOOLEAN, LONG, NULLABLE, PADDING, STRING, Bytes, Longs, words_at_any_byte

_LINE_FEED = 0x0A
_FORMS = {
    Kind.STRING: STRING,
    Kind.LONG: LONG,
    Kind.TIME: TIME,
    Kind.NULLABLE_LONG: NULLABLE,
    Kind.BOOLEAN: BOOLEAN,
}


@dataclass(frozen=True)
class EncodedLines:
    """The events of a block, and the line of each, from 0: blank lines are none."""

    encoded: Encoded
    lines: Longs


def encode_lines(block: bytes, text_at: int, line_bytes_max: int, cut_bytes: int = 0) -> EncodedLines:
    """The events of whole lines; the last may lack its end. The first line's text begins at `text_at`.

    A line that is no event is a fault, in the words of `json_lines.read_event`; so is one that has more bytes than
    `line_bytes_max`, its end included, whatever they are. The last line has `cut_bytes` that are not here.
    """
    data: Bytes = np.zeros(len(block) + PADDING, dtype=np.uint8)
    data[: len(block)] = np.frombuffer(block, dtype=np.uint8)
    starts, ends = _lines(data[: len(block)])
    sizes = np.minimum(ends + 1, len(block)) - starts
    sizes[-1:] += cut_bytes
    starts[:1] += text_at
    trim(data, starts, ends)
    lines = np.flatnonzero((starts < ends) | (sizes > line_bytes_max))
    starts, ends, sizes = starts[lines], ends[lines], sizes[lines]
    columns = _read(data, starts, ends)
    columns.kinds[sizes > line_bytes_max] = ALONE

    def alone(row: int) -> tuple[str, Mapping[str, Any]]:
        if sizes[row] > line_bytes_max:
            raise too_long(int(sizes[row]), line_bytes_max)
        return read_fields(block[starts[row] : ends[row]])

    return EncodedLines(encode_columns(columns, alone), lines)


def _lines(data: Bytes) -> tuple[Longs, Longs]:
    """Where each line begins, and where it ends, before its line feed."""
    ends = np.flatnonzero(data == _LINE_FEED)
    if len(data) and data[-1] != _LINE_FEED:
        ends = np.append(ends, len(data))
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return starts, ends


def _read(data: Bytes, starts: Longs, ends: Longs) -> Columns:
    """The columns of the lines at these places of `data`, whose escapes are gone then."""
    known = _tables()
    columns = Columns(len(starts), known.contracts)
    columns.blob = data
    targets = (columns.starts, columns.lengths, columns.longs, columns.present)
    words = words_at_any_byte(data, writable=True)
    fields = (known.fields, known.types, known.shapes, known.masks)
    read_lines(data, words, starts, ends, *fields, targets, columns.kinds)
    return columns


@dataclass(frozen=True)
class _Tables:
    contracts: list[Contract]
    fields: Names
    types: Names
    shapes: Longs
    masks: Longs


@cache
def _tables() -> _Tables:
    contracts = list(events_by_name().values())
    kinds = {field.name: field.kind for contract in contracts for field in contract.fields}
    names = ["type", *kinds]
    bit = {name: 1 << place for place, name in enumerate(names)}
    may = [sum(bit[field.name] for field in one.fields) | bit["type"] for one in contracts]
    optional = [sum(bit[field.name] for field in one.fields if field.kind is Kind.NULLABLE_LONG) for one in contracts]
    must = [allowed & ~some for allowed, some in zip(may, optional, strict=True)]
    place = Columns(0, contracts).place
    shapes = [[TYPE, *(_FORMS[kind] for kind in kinds.values())], [0, *(place[name] for name in kinds)]]
    words = (_names(names), _names([one.name for one in contracts]))
    return _Tables(contracts, *words, np.array(shapes, dtype=np.int64), np.array([must, may], dtype=np.int64))


def _names(names: list[str]) -> Names:
    packed = Strings.of([name.encode() for name in names]).packed()
    return Names(packed.words, np.array([len(name.encode()) for name in names], dtype=np.int64))
