"""Values whose schema id was in a header, in the form that the log has."""

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.strings import Strings
from dompet.schemas.varints import PADDING, Bytes, Longs
from dompet.schemas.wire import HEADER_BYTES


def framed(records: Records) -> RawColumn:
    """The values, with the schema's id in front of each where a header named it; as they are elsewhere."""
    ids, values = records.header_ids, records.values.strings
    if ids is None or not (ids >= 0).any():
        return records.values
    length = values.length + HEADER_BYTES * (ids >= 0)
    start = np.cumsum(length) - length
    blob = np.zeros(int(length.sum()) + PADDING, dtype=np.uint8)
    _frame(values.blob, values.start, values.length, ids, start, blob)
    return RawColumn(Strings(blob, start, length), records.values.odd)


@compiled
def _frame(blob: Bytes, start: Longs, length: Longs, ids: Longs, to: Longs, target: Bytes) -> None:
    """Copy each value; where it has an id (not below 0), behind a byte 0 and the id's four bytes, the highest first."""
    for row in range(len(start)):
        at = to[row]
        if ids[row] >= 0:
            for place in range(1, HEADER_BYTES):
                target[at + place] = ids[row] >> 8 * (HEADER_BYTES - 1 - place) & 0xFF
            at += HEADER_BYTES
        for place in range(length[row]):
            target[at + place] = blob[start[row] + place]
