"""Lines of JSON made from a seed: events as different writers write them, and what is nearly one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from dompet.schemas.limits import TIME_US_END, TIME_US_MIN
from dompet.schemas.wire import decode
from tests.schemas.log_records import valid

BLANKS = ("", "", "", " ", "  ", "\t", "\r", " \t ")
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -0, -1, 2**53 + 1, 10**17, 10**18, 2**63 - 1, 2**63, -(2**63), 1.0, 1.5, 1e30, [], {}, ""),
    *("a\n", "\0", "é", "a/b", 'a"b', "\\", "\x7f", "\u2028", "x" * 65, "3171234567890123", "2020-04-11", " "),
)
_TIMES = """
2020-02-29T00:00:00Z 2021-02-29T00:00:00Z 2000-02-29T23:59:59Z 2100-02-29T00:00:00Z 2020-04-31T00:00:00Z
2020-00-10T00:00:00Z 2020-13-10T00:00:00Z 2020-04-00T00:00:00Z 2020-04-11T24:00:00Z 2020-04-11T08:60:00Z
2020-04-11T08:00:60Z 0000-01-01T00:00:00Z 2020-04-11T08:00:00 2020-04-11T08:00:00z 2020-04-11t08:00:00Z
20200411T080000Z 2020-04-11T08:00Z 2020-04-11T08:00:00.Z 2020-04-11T08:00:00,5Z 2020-04-11T08:00:00.1234567Z
2020-04-11T08:00:00.123456+07:00 2020-04-11T08:00:00+0700 2020-04-11T08:00:00+07 1999-12-31T23:59:59-00:01
2020-04-11T08:00:00+24:00 2020-04-11T08:00:00+23:60 2020-04-11T08:00:00-23:59 2020-04-11T08:00:00+07:00:30
2020-04-11T08:00:00ZZ 2020-04-11T08:00:00+07:0 ２020-04-11T08:00:00Z 2099-12-31T23:59:59.999999Z
2100-01-01T00:00:00Z 2000-01-01T00:00:00Z 1999-12-31T23:59:59.999999Z
"""
ODD_TIMES = (*_TIMES.split(), "2020-04-11 08:00:00Z", " 2020-04-11T08:00:00Z")
EDITS = (*'"\\{},: 0-.\x01\x0b', "\\u0041", "\\u00e9", "\\ud800", "\\/", "\\x", "e1")


def line(rng: Random) -> bytes:
    """A line without its end: nine in ten of them an event, or nearly."""
    chosen = rng.random()
    if chosen < 0.02:
        return rng.choice((b"", b" \t", b"\x0b", b"null", b"[]", b"{}", b"7", b"\xff", b'"type"', b"{" * 3_000))
    type_name, fields = decode(valid(rng).value or b"")
    if rng.random() < 0.3:
        fields[rng.choice(sorted(fields))] = rng.choice(ODD_VALUES)
    if rng.random() < 0.05:
        fields.pop(rng.choice(sorted(fields)))
    if rng.random() < 0.05:
        fields[rng.choice(("colour", "price", "Type", "a\\b"))] = 1
    fields["occurred_at"] = _time(rng, fields.get("occurred_at"))
    text = _text(rng, _named(rng, type_name), fields)
    for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 2))):
        at, cut = rng.randint(0, len(text)), rng.choice((0, 0, 1, 2))
        text = text[:at] + rng.choice(EDITS) + text[at + cut :]
    return text.encode("utf-8", "surrogatepass").replace(b"\n", b" ")


def _named(rng: Random, type_name: str) -> Any:
    return rng.choice((*[type_name] * 20, type_name.lower(), "SaldoRevoked", "", None, 1))


def _time(rng: Random, micros: Any) -> Any:
    chosen = rng.random()
    if chosen < 0.3 or not isinstance(micros, int) or not TIME_US_MIN <= micros < TIME_US_END - 10**12:
        return micros
    if chosen < 0.6:
        return rng.choice(ODD_TIMES)
    zone = rng.choice((UTC, timezone(timedelta(minutes=rng.randint(-1439, 1439)))))
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
    text = moment.astimezone(zone).isoformat(timespec=rng.choice(("auto", "seconds", "milliseconds", "microseconds")))
    return text.replace("+00:00", rng.choice(("Z", "+00:00", "-00:00")))


def _text(rng: Random, type_name: Any, fields: dict[str, Any]) -> str:
    """The object, its names in some order, with blanks between some of its parts, and some names twice."""
    write: Callable[[Any], str] = lambda value: json.dumps(value, ensure_ascii=rng.random() < 0.5)  # noqa: E731
    pairs = [("type", type_name), *fields.items()]
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    if rng.random() < 0.03:
        pairs.append(rng.choice(pairs))
    tidy = rng.random() < 0.5
    blank: Callable[[], str] = lambda: "" if tidy else rng.choice(BLANKS)  # noqa: E731
    written = [
        f"{blank()}{write(name)}{blank()}:{blank()}{_value(rng, write(value))}{blank()}" for name, value in pairs
    ]
    return f"{blank()}{{{','.join(written)}}}{blank()}"


def _value(rng: Random, text: str) -> str:
    """A value as another writer may write it."""
    chosen = rng.random()
    if chosen < 0.02:
        return rng.choice((f"0{text}", f"-{text}", f"{text}.0", f"+{text}", text.upper(), "tru", "nul", "NaN", "-", ""))
    return text.replace("/", "\\/") if chosen < 0.1 else text
