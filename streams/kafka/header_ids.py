"""The schema ids that records name in a header, read from librdkafka's messages by compiled loops.

Only values that do not begin with the wire format's byte 0 are looked at: no other can have the newer form.
"""

import ctypes
from typing import Final

import numpy as np

from dompet.schemas.compiled import call, compiled
from dompet.schemas.guids import GUID_BYTES, HEADER, id_in
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Bytes, Longs
from dompet.streams.kafka.librdkafka import library

_NAME: Final = ctypes.create_string_buffer(HEADER.encode())
_LOW: Final = 0xFFFFFFFF


def schema_ids(pointers: Longs, values: Strings) -> Longs:
    """The id that each of these messages' headers names; −1 where none does, or the value needs none."""
    found = np.full(len(pointers), -1, dtype=np.int64)
    first = values.blob[np.minimum(values.start, len(values.blob) - 1)]
    rows = np.flatnonzero((values.length > 0) & (first != 0))
    if not len(rows):
        return found
    content = np.zeros((len(rows), GUID_BYTES), dtype=np.uint8)
    length = np.zeros(len(rows), dtype=np.int64)
    loaded = library()
    functions = (loaded.memcpy, loaded.rd_kafka_message_headers, loaded.rd_kafka_header_get_last)
    memcpy, headers_of, last_of = (ctypes.cast(one, ctypes.c_void_p).value or 0 for one in functions)
    _read_headers(pointers[rows], memcpy, headers_of, last_of, ctypes.addressof(_NAME), content, length)
    # There are as many different ones as schemas.
    kinds, which = np.unique(np.concatenate([content, length[:, None]], axis=1), axis=0, return_inverse=True)
    ids = [id_in(kind[: kind[-1]].astype(np.uint8).tobytes()) for kind in kinds]
    found[rows] = np.array(ids, dtype=np.int64)[which.reshape(-1)]
    return found


def warm_up() -> None:
    """Load the compiled loop."""
    none = np.zeros(0, dtype=np.int64)
    _read_headers(none, 0, 0, 0, 0, np.zeros((0, GUID_BYTES), dtype=np.uint8), none)


@compiled
def _read_headers(
    pointers: Longs, memcpy: int, headers_of: int, last_of: int, name: int, content: Bytes, length: Longs
) -> None:
    """The content of each message's last header of this name, as far as there is room; length 0 where it is none or
    longer.
    """
    words = np.zeros(3, dtype=np.int64)
    base = words.ctypes.data
    for row in range(len(pointers)):
        if call(headers_of, (pointers[row], base)) & _LOW:
            continue
        if call(last_of, (words[0], name, base + 8, base + 16)) & _LOW:
            continue
        if 0 < words[2] <= content.shape[1]:
            call(memcpy, (content[row].ctypes.data, words[1], words[2]))
            length[row] = words[2]
