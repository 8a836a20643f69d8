"""Moments as people read them: in one time zone, which is said beside them."""

from datetime import UTC, datetime, tzinfo
from typing import Final

from dompet.schemas.jakarta import JAKARTA

_FORM: Final = "%Y-%m-%d %H:%M:%S"


class Clock:
    """The zone in which this process shows moments."""

    def __init__(self, name: str = "Asia/Jakarta", zone: tzinfo = JAKARTA) -> None:
        self.name = name
        self._zone = zone

    def show_in(self, name: str, zone: tzinfo) -> None:
        """Show moments in this zone from now on."""
        self.name, self._zone = name, zone

    def shown(self, utc: str) -> str:
        """A moment of the warehouse, `YYYY-MM-DD HH:MM:SS` in UTC, in the zone; any other text as it is."""
        try:
            moment = datetime.strptime(utc, _FORM).replace(tzinfo=UTC)
        except ValueError:
            return utc
        return moment.astimezone(self._zone).strftime(_FORM)


CLOCK: Final = Clock()
"""This process's."""
