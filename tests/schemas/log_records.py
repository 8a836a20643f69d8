"""Records of the log as they may come: valid ones, and ones that some accident or some hand has changed.

A record is made from one seed, so that Hypothesis can find a bad batch by dropping records from it.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from dompet.schemas.contracts import Contract, Field, Kind, events_by_id
from dompet.schemas.limits import FREE_TEXT, INT64_MAX, INT64_MIN, TIME_US_END, TIME_US_MIN
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.records import RawColumn, Records
from tests.schemas.corpus import PARTITIONS, long, text

CONTRACTS = tuple(events_by_id().values())

ID_BYTES = (1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 15, 16, 17, 24, 31, 32, 33, 40, 48, 56, 62, 63, 64)
TEXT_BYTES = (0, 0, 1, 8, 12, 13, 63, 64, 65, 255, 511, 512)
ALPHABETS = ("ab-", "0123456789", "é", "e\u0301", "😀", "\u00a0~ ", "ꦲa", "\u2028\uffff")
LOOSE_ALPHABETS = (*ALPHABETS, "\n\ta", "\x01", "\x7f", "\x85\x80")
NUMBERS = (0, 1, -1, 63, 64, -64, -65, 8191, 8192, 10**12, 2**31, 2**32, -(2**55), 2**56, 2**62, INT64_MIN, INT64_MAX)
TIMES = (TIME_US_MIN, TIME_US_END - 1, 1_586_592_000_000_000)
EXTREMES = (
    *(long(number) for number in (*NUMBERS, TIME_US_MIN - 1, TIME_US_END)),
    *(b"\x80" * size + b"\0" for size in (0, 1, 7, 8, 9, 10)),
    *(b"\xff" * size + b"\x01" for size in (6, 7, 8, 9, 10)),
    *(b"\xff" * 9 + bytes([last]) for last in (0, 1, 2, 0x7F, 0x80)),
    *(bytes([byte]) for byte in (0, 1, 2, 3, 0x7F, 0x80, 0xFF)),
    *(text("x" * size) for size in (0, 63, 64, 65, 127, 128, 512, 513)),
    *(text(odd) for odd in ("a\0", "\0", "a\n", "\x7f", "\x80", "\x85", "\x9f", "\ud7ff", "1" * 15, "1" * 16)),
    *(text(raw) for raw in (b"\xff", b"a\xc3", b"\xa9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80")),
    b"",
)


class LogRecord(NamedTuple):
    """A record and where it is."""

    key: bytes | None
    value: bytes | None
    partition: int


def batch(records: Sequence[LogRecord], partition_count: int = PARTITIONS) -> Records:
    """The records as a batch, offsets from 0, a microsecond apart from 2000 on."""
    places = np.arange(len(records), dtype=np.int64)
    partition = np.array([one.partition for one in records], dtype=np.int32)
    keys, values = [one.key for one in records], [one.value for one in records]
    return Records(partition, places, places + TIME_US_MIN, RawColumn.of(keys), RawColumn.of(values), partition_count)


def rightly_placed(key: bytes | None, value: bytes | None) -> LogRecord:
    """The record in its key's partition."""
    return LogRecord(key, value, partition_of(key, PARTITIONS) if key else 0)


def valid(rng: Random, contract: Contract | None = None) -> LogRecord:
    """A valid record of this type, or of any."""
    contract = contract or rng.choice(CONTRACTS)
    return _assembled(contract, {field.name: _content(rng, field) for field in contract.fields})


def any_record(seed: int) -> LogRecord:
    """A record of the seed: valid, or with an accident or two."""
    rng = Random(seed)
    record = rng.choice((valid, valid, _with_an_odd_field))(rng)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        record = rng.choice(ACCIDENTS)(rng, record)
    return record


def _assembled(contract: Contract, content: dict[str, bytes]) -> LogRecord:
    value = b"\0" + contract.schema_id.to_bytes(4, "big") + b"".join(content.values())
    raw = content["beneficiary_id"]
    return rightly_placed(raw[1 if len(raw) < 65 else 2 :], value)


def _with_an_odd_field(rng: Random) -> LogRecord:
    """A record with one field of extreme bytes; where it is the beneficiary_id, the key follows it."""
    contract = rng.choice(CONTRACTS)
    content = {field.name: _content(rng, field) for field in contract.fields}
    content[rng.choice(contract.fields).name] = rng.choice(EXTREMES)
    return _assembled(contract, content)


def _content(rng: Random, field: Field) -> bytes:
    match field.kind:
        case Kind.STRING if field.name in FREE_TEXT:
            return text(filled(rng.choice(LOOSE_ALPHABETS), rng.choice(TEXT_BYTES)))
        case Kind.STRING:
            content = filled(rng.choice(ALPHABETS), rng.choice(ID_BYTES)) or "a"
            return text("a" if field.name == "beneficiary_id" and len(content) == 16 else content)
        case Kind.LONG:
            return long(rng.choice((*NUMBERS, rng.randint(INT64_MIN, INT64_MAX))))
        case Kind.TIME:
            return long(rng.choice((*TIMES, rng.randrange(TIME_US_MIN, TIME_US_END))))
        case Kind.BOOLEAN:
            return rng.choice((b"\0", b"\1"))
        case Kind.NULLABLE_LONG:
            return rng.choice((b"\0", b"\2" + long(rng.choice(NUMBERS))))


def filled(alphabet: str, size: int) -> str:
    """As many of the characters, in turn, as fit the size in bytes."""
    return (alphabet * size).encode()[:size].decode(errors="ignore")


def _flipped(rng: Random, record: LogRecord) -> LogRecord:
    value = bytearray(record.value or b"\0")
    at = rng.randrange(len(value))
    value[at] = rng.choice((value[at] ^ 1 << rng.randrange(8), rng.randrange(256), 0x80, 0, 0xFF))
    return record._replace(value=bytes(value))


def _cut(rng: Random, record: LogRecord) -> LogRecord:
    value = record.value or b""
    return record._replace(value=value[: rng.randint(0, len(value))])


def _stretched(rng: Random, record: LogRecord) -> LogRecord:
    value = record.value or b""
    at = rng.choice((rng.randint(0, len(value)), len(value)))
    return record._replace(value=value[:at] + rng.choice((b"\0", b"\x80", b"ab", *EXTREMES)) + value[at:])


def _shortened(rng: Random, record: LogRecord) -> LogRecord:
    value = record.value or b""
    at = rng.randint(0, len(value))
    return record._replace(value=value[:at] + value[at + rng.randint(1, 9) :])


def _spliced(rng: Random, record: LogRecord) -> LogRecord:
    """The beginning of one record and the end of another."""
    value, other = record.value or b"", valid(rng).value or b""
    return record._replace(value=value[: rng.randint(0, len(value))] + other[rng.randint(0, len(other)) :])


def _of_another_type(rng: Random, record: LogRecord) -> LogRecord:
    schema_id = rng.choice((*(one.schema_id for one in CONTRACTS), 0, 1999, 2001, 2**32 - 1))
    return record._replace(value=b"\0" + schema_id.to_bytes(4, "big") + (record.value or b"")[5:])


def _without_value(rng: Random, record: LogRecord) -> LogRecord:
    return record._replace(value=rng.choice((None, b"", b"\0", b"\0\0\0\3")))


def _with_another_key(rng: Random, record: LogRecord) -> LogRecord:
    key = record.key or b"a"
    keys = (None, b"", key[:-1], key + b"\0", key + b"a", b"\0" + key, key.upper(), b"\xff", key * 40, valid(rng).key)
    other = rng.choice(keys)
    return rng.choice((record._replace(key=other), rightly_placed(other, record.value)))


def _elsewhere(rng: Random, record: LogRecord) -> LogRecord:
    return record._replace(partition=rng.choice((record.partition + 1, record.partition - 1, 0, PARTITIONS, 10_000)))


ACCIDENTS: tuple[Callable[[Random, LogRecord], LogRecord], ...] = (
    _flipped,
    _flipped,
    _cut,
    _stretched,
    _shortened,
    _spliced,
    _of_another_type,
    _without_value,
    _with_another_key,
    _elsewhere,
)
