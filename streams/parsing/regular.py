"""Blocks of regular rows: each has as many values as the header, and each quote is where a quoted value begins or ends,
or is doubled within it. These are cut all at once, and no other way to read them is left.
"""

import codecs
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from dompet.streams.parsing.delimited import QUOTE, VALUE_CHARACTERS_MAX, Dialect
from dompet.streams.parsing.lines import Block

Octets = NDArray[np.uint8]
Places = NDArray[np.int64]
_LF: Final = ord("\n")
_CR: Final = ord("\r")


def cut(block: Block, dialect: Dialect, width: int, wanted: Sequence[int]) -> tuple[Places, list[pa.Array]] | None:
    """The line on which each row begins, and the wanted columns, by their number from 0; None where a row is not
    regular.
    """
    if width < 2 or not dialect.delimiter.isascii() or _is_special(block.data, dialect):
        return None
    octets = np.frombuffer(block.data, dtype=np.uint8)
    ends = _row_ends(octets, width, ord(dialect.delimiter))
    if ends is None:
        return None
    names = [str(at) for at in range(width)]
    try:
        table = arrow_csv.read_csv(pa.BufferReader(block.data), *_options(block, dialect, names, wanted))
    except pa.ArrowInvalid:  # not UTF-8
        return None
    begins = np.append(0, ends[:-1] + 1)
    lines = block.line + np.searchsorted(np.flatnonzero(octets == _LF), begins)
    return lines, [_whole(table[names[at]]) for at in wanted]


def _is_special(data: bytes, dialect: Dialect) -> bool:
    """Whether it holds what Arrow and `csv` do not read alike: a byte order mark at its beginning, a lone CR, a NUL."""
    escaped = dialect.escape is not None and dialect.escape.encode() in data
    lone = data.count(b"\r") != data.count(b"\r\n")
    return escaped or lone or b"\0" in data or data.startswith(codecs.BOM_UTF8)


def _row_ends(octets: Octets, width: int, delimiter: int) -> Places | None:
    """Where the rows end, if they are regular."""
    marks, ends = octets == delimiter, octets == _LF
    quotes = octets == ord(QUOTE)
    if quotes.any():
        within = np.cumsum(quotes, dtype=np.uint8) & 1
        if within[-1] or not _encloses(octets, np.flatnonzero(quotes), delimiter):
            return None
        marks &= within == 0
        ends &= within == 0
    at = np.flatnonzero(ends)
    if octets[-1] != _LF:
        at = np.append(at, len(octets))
    each = np.diff(np.searchsorted(np.flatnonzero(marks), at), prepend=0)
    longest = int(np.diff(at, prepend=-1).max())
    return at if bool((each == width - 1).all()) and longest <= VALUE_CHARACTERS_MAX else None


def _encloses(octets: Octets, quotes: Places, delimiter: int) -> bool:
    """Whether each quote that opens is behind a delimiter, a line's end or a quote, and each that closes before."""
    line_end = np.array([_LF], dtype=np.uint8)
    around = np.concatenate([line_end, octets, line_end])  # as though the block lay between two lines
    before, behind = around[quotes[::2]], around[quotes[1::2] + 2]
    opens = (before == delimiter) | (before == _LF) | (before == ord(QUOTE))
    closes = (behind == delimiter) | (behind == _LF) | (behind == _CR) | (behind == ord(QUOTE))
    return bool(opens.all() and closes.all())


def _options(block: Block, dialect: Dialect, names: list[str], wanted: Sequence[int]) -> tuple[Any, Any, Any]:
    chosen = [names[at] for at in wanted]
    return (
        arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block.data) + 1),
        arrow_csv.ParseOptions(delimiter=dialect.delimiter, quote_char=QUOTE, newlines_in_values=True),
        arrow_csv.ConvertOptions(
            include_columns=chosen, column_types=dict.fromkeys(chosen, pa.string()), strings_can_be_null=False
        ),
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
