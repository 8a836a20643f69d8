"""The first question of clickhouse-go over HTTP, which it reads in the form of a server of its own release.

Its later ones it reads in the form of the revision that this answer gives: 0 is the plain Native that is written here.
"""

import struct
from typing import Final

from dompet.streams.engine.asked import Asked

_QUESTION: Final = "SELECT displayName(), version(), revision(), timezone()"
_BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"
"""Field 1, is_overflows: false; field 2, bucket_num: -1; no more fields."""
_NO_CUSTOM_SERIALIZATION: Final = b"\x00"
_REVISION: Final = 0


def is_hello(asked: Asked) -> bool:
    """Whether this is that question."""
    return asked.form == "Native" and asked.sql.strip() == _QUESTION and "client_protocol_version" in asked.settings


def hello(version: str, timezone: str) -> bytes:
    """Its answer: one block of Native as of a client's own protocol, of one row."""
    columns = (
        ("displayName()", "String", _text("dompet")),
        ("version()", "String", _text(version)),
        ("revision()", "UInt32", struct.pack("<I", _REVISION)),
        ("timezone()", "String", _text(timezone)),
    )
    parts = [_text(name) + _text(kind) + _NO_CUSTOM_SERIALIZATION + value for name, kind, value in columns]
    return _BLOCK_INFO + bytes([len(columns), 1]) + b"".join(parts)


def _text(text: str) -> bytes:
    """After its length, which is below 128."""
    content = text.encode()
    return bytes([len(content)]) + content
