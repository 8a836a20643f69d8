"""Bad records of the log, made by hand, byte by byte, and good ones at the very edge of what is allowed.

Nothing here uses the code under test: bytes are put together from parts, so that every reader and writer can be held
to them. `BAD` names the fault that a reader must find; `GOOD` holds records that it must accept.
"""

from typing import NamedTuple

from dompet.schemas.dead import (
    BadMagic,
    DeadRecord,
    KeyMismatch,
    NationalId,
    NotCanonical,
    NotUtf8,
    NullValue,
    OutsideLimits,
    TimeOutsideLimits,
    TrailingBytes,
    Truncated,
    UnknownSchema,
    WrongPartition,
)

PARTITIONS = 12
KEY = b"abc"
KEY_PARTITION = 479470107 % PARTITIONS
"""The partition of KEY: its murmur2 hash is published in the tests of Kafka's Java client."""


class BadRecord(NamedTuple):
    """A record and the fault in it. `partition` None means the partition that its key belongs to."""

    name: str
    key: bytes | None
    value: bytes | None
    partition: int | None
    expected: type[DeadRecord]


class GoodRecord(NamedTuple):
    """A record that is valid in its key's partition."""

    name: str
    key: bytes
    value: bytes


def long(number: int) -> bytes:
    """The canonical zigzag varint, by the book."""
    rest = number * 2 if number >= 0 else -number * 2 - 1
    out = []
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    return bytes([*out, rest])


def text(content: str | bytes) -> bytes:
    """A string: its size in bytes, then the bytes."""
    data = content.encode() if isinstance(content, str) else content
    return long(len(data)) + data


FIRST_TIME = 946_684_800_000_000
LAST_TIME = 4_102_444_799_999_999

_SHARED = {
    "event_id": text("e-1"),
    "beneficiary_id": text(KEY),
    "occurred_at": long(1_586_592_000_000_000),
    "publisher_id": text("tokopedia"),
}
_ORDER = {**_SHARED, "platform_id": text("tokopedia"), "order_id": text("INV-1")}
_TYPES: dict[int, dict[str, bytes]] = {
    1001: {**_SHARED, "credit_id": text("c-1"), "decree": text("SK 1"), "wave": long(1), "amount": long(3_550_000)},
    1005: {**_ORDER, "session": long(1), "present": b"\x01"},
    1006: {**_ORDER, "certificate_id": text("cert-1"), "score": b"\x02" + long(90)},
    1008: {**_ORDER, "officer_id": text("officer-1"), "note": text("seen")},
    1009: {**_SHARED, "survey_no": long(1)},
    1014: {**_SHARED, "sanction": text("suspend"), "reason": text("")},
}
CREDITED, ATTENDED, COMPLETED, CLEARED, SURVEYED, SANCTIONED = _TYPES


def record(schema_id: int, **instead: bytes) -> bytes:
    """A value of this schema with the raw bytes of some fields replaced."""
    fields = _TYPES[schema_id]
    assert instead.keys() <= fields.keys(), instead.keys() - fields.keys()
    return b"\0" + schema_id.to_bytes(4, "big") + b"".join({**fields, **instead}.values())


def _bad(name: str, value: bytes | None, expected: type[DeadRecord], key: bytes | None = KEY) -> BadRecord:
    return BadRecord(name, key, value, None, expected)


_HEADER = [
    _bad("no value", None, NullValue),
    _bad("no value and no key", None, NullValue, key=None),
    _bad("empty value", b"", Truncated),
    _bad("half a header", b"\0\0\0", Truncated),
    _bad("a header of four bytes", b"\0\0\0\x03", Truncated),
    _bad("a header alone", record(SURVEYED)[:5], Truncated),
    _bad("magic byte 1", b"\x01" + record(SURVEYED)[1:], BadMagic),
    _bad("magic byte 255", b"\xff" + record(SURVEYED)[1:], BadMagic),
    _bad("JSON instead of Avro", b'{"type": "SurveySubmitted"}', BadMagic),
    _bad("an Avro container file", b"Obj\x01" + bytes(16), BadMagic),
    _bad("schema id 0", b"\0\0\0\0\0" + record(SURVEYED)[5:], UnknownSchema),
    _bad(
        "an unused schema id",
        b"\0" + (1_999).to_bytes(4, "big") + record(SURVEYED)[5:],
        UnknownSchema,
    ),
    _bad("a schema id of the catalogue", b"\0" + (2001).to_bytes(4, "big") + record(SURVEYED)[5:], UnknownSchema),
    _bad("a schema id in little-endian", b"\0" + (1009).to_bytes(4, "little") + record(SURVEYED)[5:], UnknownSchema),
    _bad("the highest schema id", b"\0\xff\xff\xff\xff" + record(SURVEYED)[5:], UnknownSchema),
]

_LENGTHS = [
    *(
        _bad(f"{name} with a length of one byte too many", record(schema_id, **{name: b"\x86\0abc"}), NotCanonical)
        for schema_id, name in [
            (SURVEYED, "event_id"),
            (SURVEYED, "beneficiary_id"),
            (SURVEYED, "publisher_id"),
            (COMPLETED, "platform_id"),
            (COMPLETED, "certificate_id"),
            (CLEARED, "note"),
        ]
    ),
    _bad("a length of ten bytes", record(SURVEYED, event_id=b"\x86" + b"\x80" * 8 + b"\0abc"), NotCanonical),
    _bad("an empty text with an overlong length", record(SANCTIONED, reason=b"\x80\0"), NotCanonical),
    _bad("a length of -1", record(SURVEYED, event_id=b"\x01"), NotCanonical),
    _bad("a length of -3", record(SURVEYED, publisher_id=b"\x05abc"), NotCanonical),
    _bad("a text's length of -64", record(SANCTIONED, reason=b"\x7f"), NotCanonical),
    _bad("a length of the lowest int64", record(SURVEYED, event_id=long(-(2**63)) + b"abc"), NotCanonical),
    _bad("a length beyond 64 bits", record(SURVEYED, event_id=b"\xff" * 9 + b"\x03abc"), NotCanonical),
    _bad("a length of eleven bytes", record(SURVEYED, event_id=b"\x86" + b"\x80" * 9 + b"\0abc"), NotCanonical),
    _bad("a length one beyond the end", record(SANCTIONED, reason=long(3) + b"ab"), Truncated),
    _bad("a length of 2^31", record(SURVEYED, event_id=long(2**31) + b"abc"), Truncated),
    _bad("a length of 2^32 and 3", record(SURVEYED, event_id=long(2**32 + 3) + b"abc"), Truncated),
    _bad("a length of 2^62", record(SURVEYED, event_id=long(2**62) + b"abc"), Truncated),
    _bad("a length of the highest int64", record(SURVEYED, publisher_id=long(2**63 - 1)), Truncated),
]

_NUMBERS = [
    _bad("a wave of one byte too many", record(CREDITED, wave=b"\x82\0"), NotCanonical),
    _bad("an amount of one byte too many", record(CREDITED, amount=long(3_550_000)[:-1] + b"\x83\0"), NotCanonical),
    _bad("a zero in two bytes", record(SURVEYED, survey_no=b"\x80\0"), NotCanonical),
    _bad("a zero in ten bytes", record(SURVEYED, survey_no=b"\x80" * 9 + b"\0"), NotCanonical),
    _bad("minus one in two bytes", record(SURVEYED, survey_no=b"\x81\0"), NotCanonical),
    _bad(
        "a time of one byte too many",
        record(SURVEYED, occurred_at=_SHARED["occurred_at"][:-1] + bytes([_SHARED["occurred_at"][-1] | 0x80, 0])),
        NotCanonical,
    ),
    _bad("a number of 2^63", record(SURVEYED, survey_no=b"\x80" * 9 + b"\x02"), NotCanonical),
    _bad("a number whose tenth byte holds seven bits", record(SURVEYED, survey_no=b"\xff" * 9 + b"\x7f"), NotCanonical),
    _bad("a number of eleven bytes", record(SURVEYED, survey_no=b"\xff" * 10 + b"\x01"), NotCanonical),
    _bad("a number of twenty bytes", record(SURVEYED, survey_no=b"\x80" * 19 + b"\0"), NotCanonical),
    _bad("a score of one byte too many", record(COMPLETED, score=b"\x02\xb4\x81\0"), NotCanonical),
    _bad("a score beyond 64 bits", record(COMPLETED, score=b"\x02" + b"\xff" * 9 + b"\x02"), NotCanonical),
    _bad("a number that goes on at the end", record(SURVEYED, survey_no=b"\x80"), Truncated),
    _bad("a number that goes on nine bytes to the end", record(SURVEYED, survey_no=b"\x80" * 9), Truncated),
    _bad("no number at the end", record(SURVEYED, survey_no=b""), Truncated),
]

_BYTES = [
    *(
        _bad(f"branch byte {branch:#04x}", record(COMPLETED, score=bytes([branch]) + rest), NotCanonical)
        for branch, rest in [
            (1, b"\x02"),
            (3, b""),
            (4, b"\x02"),
            (6, b""),
            (0x80, b"\0"),
            (0x82, b"\0\x02"),
            (255, b""),
        ]
    ),
    _bad("no branch byte", record(COMPLETED, score=b""), Truncated),
    _bad("a branch without its number", record(COMPLETED, score=b"\x02"), Truncated),
    _bad("a branch with half a number", record(COMPLETED, score=b"\x02\xb4"), Truncated),
    *(
        _bad(f"boolean byte {byte:#04x}", record(ATTENDED, present=bytes([byte])), NotCanonical)
        for byte in (2, 3, 0x30, 0x31, 0x7F, 0x80, 0x81, 255)
    ),
    _bad("no boolean byte", record(ATTENDED, present=b""), Truncated),
    _bad("a boolean of two bytes", record(ATTENDED, present=b"\x01\0"), TrailingBytes),
    _bad("a null score with a number", record(COMPLETED, score=b"\0\x02"), TrailingBytes),
    _bad("one zero byte left over", record(SURVEYED) + b"\0", TrailingBytes),
    _bad("a newline left over", record(SURVEYED) + b"\n", TrailingBytes),
    _bad("the body twice", record(SURVEYED) + record(SURVEYED)[5:], TrailingBytes),
    _bad("one record followed by another", record(SURVEYED) + record(ATTENDED), TrailingBytes),
    *(
        _bad(f"record {schema_id} without its last byte", record(schema_id)[:-1], Truncated)
        for schema_id in (CREDITED, CLEARED, SURVEYED)
    ),
]

_STRINGS = [
    *(
        _bad(f"event_id with the bytes {data.hex()}", record(SURVEYED, event_id=text(data)), NotUtf8)
        for data in (
            b"\x80",
            b"a\xff",
            b"\xc0\x80",
            b"\xc1\xbf",
            b"\xe0\x80\xaf",
            b"\xed\xa0\x80",
            b"\xed\xa0\xbd\xed\xb8\x80",
            b"\xf0\x80\x80\xaf",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80",
            b"ab\xe2\x82",
        )
    ),
    _bad("a text cut within a character", record(SANCTIONED, reason=text("é".encode()[:1])), NotUtf8),
    _bad(
        "a character cut in two by two fields",
        record(CREDITED, credit_id=text(b"c\xc3"), decree=text(b"\xa9")),
        NotUtf8,
    ),
    *(
        _bad(f"an empty {name}", record(schema_id, **{name: text("")}), OutsideLimits)
        for schema_id, name in [(SURVEYED, "event_id"), (SURVEYED, "publisher_id"), (SANCTIONED, "sanction")]
    ),
    _bad("an empty beneficiary_id", record(SURVEYED, beneficiary_id=text("")), OutsideLimits, key=b""),
    _bad("an id of 65 bytes", record(SURVEYED, event_id=text("e" * 65)), OutsideLimits),
    _bad("a beneficiary_id of 65 bytes", record(SURVEYED, beneficiary_id=text("b" * 65)), OutsideLimits, key=b"b" * 65),
    _bad("an id of 33 characters and 66 bytes", record(CREDITED, credit_id=text("é" * 33)), OutsideLimits),
    _bad("a sanction of 512 bytes", record(SANCTIONED, sanction=text("s" * 512)), OutsideLimits),
    *(
        _bad(f"an order_id with U+{ord(c):04X}", record(ATTENDED, order_id=text(f"INV{c}1")), OutsideLimits)
        for c in "\0\t\n\r\x1b\x1f\x7f\x80\x85\x9f"
    ),
    _bad("an id that begins with a newline", record(SURVEYED, event_id=text("\ne-1")), OutsideLimits),
    _bad("a sanction that ends with a newline", record(SANCTIONED, sanction=text("suspend\n")), OutsideLimits),
    _bad("a reason of 513 bytes", record(SANCTIONED, reason=text("r" * 513)), OutsideLimits),
    _bad("a decree of 257 characters and 514 bytes", record(CREDITED, decree=text("é" * 257)), OutsideLimits),
    _bad("a reason with a NUL", record(SANCTIONED, reason=text("a\0b")), OutsideLimits),
    _bad("a note of one NUL", record(CLEARED, note=text("\0")), OutsideLimits),
    _bad("a decree that ends with a NUL", record(CREDITED, decree=text("SK 1\0")), OutsideLimits),
]

_NIK = b"3171234567890123"

_REST = [
    _bad("a time just before 2000", record(SURVEYED, occurred_at=long(FIRST_TIME - 1)), TimeOutsideLimits),
    _bad("a time at 2100", record(SURVEYED, occurred_at=long(LAST_TIME + 1)), TimeOutsideLimits),
    _bad("a time of 0", record(SURVEYED, occurred_at=long(0)), TimeOutsideLimits),
    _bad("a time of -1", record(SURVEYED, occurred_at=long(-1)), TimeOutsideLimits),
    _bad("a time in milliseconds", record(SURVEYED, occurred_at=long(1_586_592_000_000)), TimeOutsideLimits),
    _bad("a time in nanoseconds", record(SURVEYED, occurred_at=long(1_586_592_000_000_000_000)), TimeOutsideLimits),
    _bad("the lowest time", record(SURVEYED, occurred_at=long(-(2**63))), TimeOutsideLimits),
    _bad("the highest time", record(SURVEYED, occurred_at=long(2**63 - 1)), TimeOutsideLimits),
    _bad("a national id", record(SURVEYED, beneficiary_id=text(_NIK)), NationalId, key=_NIK),
    _bad("a national id of zeros", record(COMPLETED, beneficiary_id=text("0" * 16)), NationalId, key=b"0" * 16),
    _bad("no key", record(SURVEYED), KeyMismatch, key=None),
    _bad("an empty key", record(SURVEYED), KeyMismatch, key=b""),
    _bad("another key", record(SURVEYED), KeyMismatch, key=b"abd"),
    _bad("a key in capitals", record(SURVEYED), KeyMismatch, key=b"ABC"),
    _bad("a key that begins like the id", record(SURVEYED), KeyMismatch, key=b"ab"),
    _bad("a key that goes on after the id", record(SURVEYED), KeyMismatch, key=b"abcd"),
    _bad("a key with a NUL at its end", record(SURVEYED), KeyMismatch, key=b"abc\0"),
    _bad("a key that is the Avro string", record(SURVEYED), KeyMismatch, key=text(KEY)),
    _bad("a key that is not UTF-8", record(SURVEYED), KeyMismatch, key=b"\xff\xfe"),
    BadRecord("the next partition", KEY, record(SURVEYED), (KEY_PARTITION + 1) % PARTITIONS, WrongPartition),
    BadRecord("the partition before", KEY, record(SURVEYED), (KEY_PARTITION - 1) % PARTITIONS, WrongPartition),
]

_SEVERAL = [
    BadRecord("other magic, no key and another partition", None, b"\x01" + bytes(9), KEY_PARTITION + 1, BadMagic),
    _bad("a bad boolean and a byte left over", record(ATTENDED, present=b"\x02") + b"\0", NotCanonical),
    _bad("an empty event_id and a byte left over", record(SURVEYED, event_id=text("")) + b"\0", TrailingBytes),
    _bad(
        "an empty event_id and a publisher_id that is not UTF-8",
        record(SURVEYED, event_id=text(""), publisher_id=text(b"\xff")),
        NotUtf8,
    ),
    _bad(
        "a time of 0 and an empty publisher_id",
        record(SURVEYED, occurred_at=long(0), publisher_id=text("")),
        TimeOutsideLimits,
    ),
    _bad("an empty event_id and a time of 0", record(SURVEYED, event_id=text(""), occurred_at=long(0)), OutsideLimits),
    _bad("a national id and no key", record(SURVEYED, beneficiary_id=text(_NIK)), NationalId, key=None),
    BadRecord("another key in the partition of the id", b"abd", record(SURVEYED), KEY_PARTITION, KeyMismatch),
]

BAD: list[BadRecord] = [*_HEADER, *_LENGTHS, *_NUMBERS, *_BYTES, *_STRINGS, *_REST, *_SEVERAL]


def _good(name: str, value: bytes, key: bytes = KEY) -> GoodRecord:
    return GoodRecord(name, key, value)


GOOD: list[GoodRecord] = [
    *(_good(f"record {schema_id}", record(schema_id)) for schema_id in _TYPES),
    _good("an id of 1 byte", record(SURVEYED, event_id=text("e"))),
    _good("an id of 63 bytes", record(SURVEYED, event_id=text("e" * 63))),
    _good("an id of 64 bytes, whose length takes two", record(SURVEYED, event_id=text("e" * 64))),
    _good("an id of 16 characters and 64 bytes", record(SURVEYED, event_id=text("😀" * 16))),
    _good(
        "an id with a space, a soft hyphen and a noncharacter", record(SURVEYED, event_id=text(" \u00ad\u2028\uffff"))
    ),
    _good("an id just above the control characters", record(SURVEYED, event_id=text("\u00a0"))),
    _good("an id in two scripts and a combining mark", record(SURVEYED, event_id=text("e\u0301-ꦲ"))),
    _good("a beneficiary_id of 15 digits", record(SURVEYED, beneficiary_id=text("1" * 15)), b"1" * 15),
    _good("a beneficiary_id of 17 digits", record(SURVEYED, beneficiary_id=text("1" * 17)), b"1" * 17),
    _good("15 digits and a letter", record(SURVEYED, beneficiary_id=text("1" * 15 + "a")), b"1" * 15 + b"a"),
    _good("another id of 16 digits", record(SURVEYED, event_id=text(_NIK))),
    _good(
        "a beneficiary_id of 2 bytes a character", record(SURVEYED, beneficiary_id=text("é" * 32)), "é".encode() * 32
    ),
    _good("an empty text", record(CREDITED, decree=text(""))),
    _good("a text of 512 bytes", record(CREDITED, decree=text("d" * 512))),
    _good("a text of 128 characters and 512 bytes", record(SANCTIONED, reason=text("😀" * 128))),
    _good("a text with control characters", record(SANCTIONED, reason=text("\x01\t\r\n\x7f\x85"))),
    _good("the first time", record(SURVEYED, occurred_at=long(FIRST_TIME))),
    _good("the last time", record(SURVEYED, occurred_at=long(LAST_TIME))),
    _good("a null score", record(COMPLETED, score=b"\0")),
    _good("a score of 0", record(COMPLETED, score=b"\x02\0")),
    _good("the lowest score", record(COMPLETED, score=b"\x02" + long(-(2**63)))),
    _good("the highest score", record(COMPLETED, score=b"\x02" + long(2**63 - 1))),
    _good("not present", record(ATTENDED, present=b"\0")),
    *(
        _good(f"a number of {number}", record(SURVEYED, survey_no=long(number)))
        for number in (0, -1, 63, 64, -64, -65, 8191, 8192, 2**31, -(2**31) - 1, 2**62, -(2**63), 2**63 - 1)
    ),
]
