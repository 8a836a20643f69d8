"""The work of `dompet publish`: events from lines of JSON, published in the order of the lines."""

from collections.abc import Callable
from typing import BinaryIO

import numpy as np

from dompet.schemas.encode_lines import encode_lines
from dompet.streams.publish import Origin, Publisher
from dompet.streams.publish.blocks import LINE_BYTES_MAX, blocks_of
from dompet.streams.publish.counted import LinesPublished, OnError


def publish_lines(
    publisher: Publisher,
    lines: BinaryIO,
    name: str,
    *,
    on_error: OnError,
    complain: Callable[[str], None],
    progress: Callable[[int], None] = lambda bytes_read: None,
) -> LinesPublished:
    """Publish every event of `lines`; when this returns, all that it counts as published is acknowledged.

    `name` is the file's, for `complain`, which receives `file:line: what is wrong` of each bad line. With
    `OnError.STOP` nothing after the first bad line is published. `progress` receives the bytes read so far, now and
    then and at the end. Memory is bounded, however long a line is. Raises DeliveryFailed, which names the lines.
    """
    published = bad = bytes_read = 0
    for block in blocks_of(lines):
        found = encode_lines(block.text, block.text_at, LINE_BYTES_MAX, block.cut_bytes)
        numbers = found.lines + block.first_line
        faults = sorted(found.encoded.faults.items())
        if faults and on_error is OnError.STOP:
            faults = faults[:1]
            rows = np.arange(faults[0][0])
        else:
            rows = np.delete(np.arange(len(numbers)), [row for row, _ in faults])
        if len(rows):
            publisher.publish_encoded(found.encoded, rows, Origin(name, "line", numbers[rows]))
        for row, fault in faults:
            complain(f"{name}:{numbers[row]}: {fault}")
        published, bad, bytes_read = published + len(rows), bad + len(faults), block.bytes_read
        if faults and on_error is OnError.STOP:
            break
        progress(bytes_read)
    publisher.flush()
    progress(bytes_read)
    return LinesPublished(published, bad)
