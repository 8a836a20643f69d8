"""Time zones by their names."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dompet.schemas.jakarta import JAKARTA

_OFFSET: Final = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")
_FIXED: Final[dict[str, tzinfo]] = {"UTC": UTC, "Asia/Jakarta": JAKARTA}
"""These need no table of zones on the machine."""


def zone_of(name: str) -> tzinfo:
    """The zone of a name such as Asia/Jakarta or an offset such as +07:00; ValueError where there is none."""
    if name in _FIXED:
        return _FIXED[name]
    if found := _OFFSET.fullmatch(name):
        shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(shift if found[1] == "+" else -shift)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone known here, such as Asia/Jakarta or +07:00") from None
