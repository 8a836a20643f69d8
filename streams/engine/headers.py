"""What goes along with an answer: what the engine is, what a query took, what went wrong half-way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dompet.streams.engine.connections import Done

NOTHING_YET: Final = Done(0, 0, 0)


@dataclass(frozen=True)
class Engine:
    """What an engine says of itself in every answer."""

    version: str
    timezone: str
    content_types: Mapping[str, str]
    """By output format."""


def fault(text: str, tag: str) -> bytes:
    """What went wrong, as ClickHouse says it at an answer's end (since 25.11)."""
    said = text.rstrip("\n").encode("utf-8", "replace") + b"\n"
    return b"\r\n__exception__\r\n%b\r\n%b%d %b\r\n__exception__\r\n" % (tag.encode(), said, len(said), tag.encode())


def summary(done: Done, length: int) -> str:
    """What a query took, for an answer of so many bytes, as the header X-ClickHouse-Summary has it."""
    return json.dumps(
        {
            "read_rows": str(done.rows),
            "read_bytes": str(done.bytes),
            "written_rows": "0",
            "written_bytes": "0",
            "total_rows_to_read": "0",
            "result_rows": "0",
            "result_bytes": str(length),
            "elapsed_ns": str(done.elapsed_ns),
        }
    )
