"""Answers as they are, which no library need lay out."""

import sys

from dompet.streams.process.visible import visible


def write_whole(content: bytes) -> None:
    """Write bytes to stdout as they are; to a terminal, characters that it would obey as escapes."""
    if sys.stdout.isatty():
        content = visible(content.decode("utf-8", "backslashreplace"), allowed="\n\t").encode()
    rest = memoryview(content)
    while rest:
        # With PYTHONUNBUFFERED a write may stop short.
        rest = rest[sys.stdout.buffer.write(rest) :]
