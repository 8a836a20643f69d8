"""Results of events that are on the log, written as JSON by a compiled loop: of most requests they are the answer."""

from typing import Final

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Bytes, Longs

_BEFORE, _PARTITION, _OFFSET, _AFTER = (
    np.frombuffer(text, dtype=np.uint8)
    for text in (b'{"event_id":"', b'","result":"stored","partition":', b',"offset":', b',"reason":null},')
)
_DIGITS: Final = 20
_ROOM_BYTES: Final = len(_BEFORE) + len(_PARTITION) + len(_OFFSET) + len(_AFTER) + 2 * _DIGITS
_ZERO: Final = ord("0")


def stored(event_ids: Strings, places: Longs, first: int, after: int) -> bytes:
    """The results of these rows, without the comma at their end: none of their ids needs an escape. `places`: partition
    and offset of each row.
    """
    room = (after - first) * _ROOM_BYTES + int(event_ids.length[first:after].sum())
    out: Bytes = np.empty(room, dtype=np.uint8)
    size = _write(event_ids.blob, event_ids.start, event_ids.length, places, first, after, out)
    return out[: max(size - 1, 0)].tobytes()


@compiled
def _write(blob: Bytes, start: Longs, length: Longs, places: Longs, first: int, after: int, out: Bytes) -> int:
    at = 0
    for row in range(first, after):
        at = _copy(_BEFORE, 0, len(_BEFORE), out, at)
        at = _copy(blob, start[row], length[row], out, at)
        at = _copy(_PARTITION, 0, len(_PARTITION), out, at)
        at = _write_number(places[0, row], out, at)
        at = _copy(_OFFSET, 0, len(_OFFSET), out, at)
        at = _write_number(places[1, row], out, at)
        at = _copy(_AFTER, 0, len(_AFTER), out, at)
    return at


@compiled
def _copy(source: Bytes, start: int, size: int, out: Bytes, at: int) -> int:
    for place in range(size):
        out[at + place] = source[start + place]
    return at + size


@compiled
def _write_number(number: int, out: Bytes, at: int) -> int:
    """A number that is not negative."""
    size, left = 1, number
    while left >= 10:
        left //= 10
        size += 1
    for place in range(at + size - 1, at - 1, -1):
        out[place] = _ZERO + number % 10
        number //= 10
    return at + size
