"""What every event must keep to, whatever its type: the first paragraph of the domain's specification.

What breaks these limits is a dead letter, never a rejection.
The functions return what is wrong, or None; they do not raise.
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final

from dompet.schemas.dead import DeadRecord, NationalId, OutsideLimits, TimeOutsideLimits

ID_BYTES_MAX: Final = 64
TEXT_BYTES_MAX: Final = 512
FREE_TEXT: Final = frozenset({"reason", "note", "decree", "channel"})
NIK_DIGITS: Final = 16
"""A national id number is so many digits, and nothing else."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME_US_MIN: Final = int((datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * 1_000_000
TIME_US_END: Final = int((datetime(2100, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * 1_000_000
_OTHER_UNITS: Final = {"milliseconds": 1_000, "seconds": 1_000_000}
"""What other systems count times in, by how many microseconds each is."""
AMOUNT_MAX: Final = 10**12
"""Rupiah. An amount beyond it can be read, and is rejected as `invalid_amount`."""
INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

_NIK = re.compile(f"[0-9]{{{NIK_DIGITS}}}")


def string_fault(field: str, value: str, size: int) -> DeadRecord | None:
    """Why `value`, of `size` bytes in UTF-8, is not allowed in the string field `field`; None where it may."""
    return text_fault(field, value, size) if field in FREE_TEXT else id_fault(field, value, size)


def text_fault(field: str, value: str, size: int) -> DeadRecord | None:
    """`string_fault` for a free text."""
    if size > TEXT_BYTES_MAX:
        return OutsideLimits(f"{field} has {size} bytes; at most {TEXT_BYTES_MAX} are allowed")
    return OutsideLimits(f"{field} holds a NUL character") if "\0" in value else None


def id_fault(field: str, value: str, size: int) -> DeadRecord | None:
    """`string_fault` for an id."""
    if not 1 <= size <= ID_BYTES_MAX:
        return OutsideLimits(f"{field} has {size} bytes; 1 to {ID_BYTES_MAX} are allowed")
    if not value.isprintable() and any(unicodedata.category(character) == "Cc" for character in value):
        return OutsideLimits(f"{field} holds a control character")
    if field == "beneficiary_id" and _NIK.fullmatch(value):
        return NationalId(
            f"beneficiary_id has {NIK_DIGITS} digits, the form of a national id number (NIK), which may never enter"
        )
    return None


def time_fault(field: str, micros: int) -> DeadRecord | None:
    """Why `micros` (UTC microseconds since 1970) is not allowed in the time field `field`; None where it may."""
    if TIME_US_MIN <= micros < TIME_US_END:
        return None
    fits = [unit for unit, factor in _OTHER_UNITS.items() if TIME_US_MIN <= micros * factor < TIME_US_END]
    hint = f" (as {fits[0]} it would)" if fits else ""
    return TimeOutsideLimits(
        f"{field} is {micros} microseconds; it must lie from 2000-01-01 up to, not including, 2100-01-01 UTC{hint}"
    )
