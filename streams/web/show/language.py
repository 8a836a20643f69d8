"""What a reader sees in their own language: words from the catalogue, numbers, rupiah, times in Asia/Jakarta."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po

ZONE: Final = ZoneInfo("Asia/Jakarta")
LANGUAGES: Final = ("en", "id")
"""By what a reader who names no other gets first."""
NAMES: Final = {"en": "English", "id": "Bahasa Indonesia"}
NOTHING: Final = "–"
_LOCALES: Final = {"en": Locale("en", "GB"), "id": Locale("id", "ID")}
_MINUS: Final = "−"
_SPACE: Final = "\u00a0"
_DAY: Final = {"en": "d MMM y", "id": "d MMM y"}
_MOMENT: Final = {"en": "d MMM y, HH:mm", "id": "d MMM y, HH.mm"}
_EXACT: Final = {"en": "d MMM y, HH:mm:ss", "id": "d MMM y, HH.mm.ss"}
_MONTH: Final = {"en": "MMM y", "id": "MMM y"}
_SCALES: Final = {
    "en": ((10**12, "tn"), (10**9, "bn"), (10**6, "m"), (10**3, "k")),
    "id": ((10**12, "T"), (10**9, "M"), (10**6, "jt"), (10**3, "rb")),
}
"""Thousands, millions and more as people shorten them."""
UNITS: Final = ((86_400, "%(n)s d"), (3_600, "%(n)s h"), (60, "%(n)s min"), (1, "%(n)s s"))


@cache
def _messages(code: str) -> Mapping[str, str]:
    path = files("dompet.streams.web") / "locale" / f"{code}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    return {str(one.id): str(one.string) for one in catalogue if one.id and one.string}


class Language:
    """One language. Times are those of Asia/Jakarta, and a page says so once."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = _LOCALES[code]
        self.messages = _messages(code)
        self._point: str = self.locale.number_symbols["latn"]["decimal"]
        self._group: str = self.locale.number_symbols["latn"]["group"]

    def text(self, message: str, **values: Any) -> str:
        """A sentence or word of the pages, which are written in English, in this language."""
        said = self.messages.get(message, message)
        return said % values if values else said

    def number(self, number: int) -> str:
        """A whole number: 1.234.567."""
        return f"{number:,}".replace(",", self._group).replace("-", _MINUS)

    def money(self, amount: int) -> str:
        """An amount: Rp 1.234.567."""
        return f"{_MINUS * (amount < 0)}Rp{_SPACE}{self.number(abs(amount))}"

    def short(self, number: int, *, money: bool = False) -> str:
        """About how much: Rp 1,2 M."""
        size, name = next(((size, name) for size, name in _SCALES[self.code] if abs(number) >= size), (1, ""))
        shown = f"{number / size:.1f}".removesuffix(".0").replace(".", self._point).replace("-", _MINUS)
        return f"{f'Rp{_SPACE}' * money}{shown}{_SPACE * bool(name)}{name}"

    def share(self, part: int, whole: int) -> str:
        """A part of a whole: 12,5 %; nothing of nothing is none."""
        if not whole:
            return NOTHING
        return f"{100 * part / whole:.1f}".replace(".", self._point) + "%"

    def moment(self, moment: datetime) -> str:
        """A time in Asia/Jakarta, to the minute."""
        return str(format_datetime(moment.astimezone(ZONE), _MOMENT[self.code], tzinfo=ZONE, locale=self.locale))

    def exact(self, moment: datetime) -> str:
        """The same to the second."""
        return str(format_datetime(moment.astimezone(ZONE), _EXACT[self.code], tzinfo=ZONE, locale=self.locale))

    def clock(self, moment: datetime) -> str:
        """The time of the day alone."""
        return moment.astimezone(ZONE).strftime("%H.%M.%S" if self.code == "id" else "%H:%M:%S")

    def day(self, day: date) -> str:
        """A day."""
        return str(format_date(day, _DAY[self.code], locale=self.locale))

    def month(self, day: date) -> str:
        """The month of a day."""
        return str(format_date(day, _MONTH[self.code], locale=self.locale))

    def duration(self, seconds: int) -> str:
        """How long something took, in its largest unit and one decimal."""
        size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), (1, UNITS[-1][1]))
        whole, _, tenth = f"{seconds / size:.1f}".partition(".")
        shown = self.number(int(whole)) + (f"{self._point}{tenth}" if tenth != "0" else "")
        return self.text(unit, n=shown)


@cache
def language(code: str) -> Language:
    """The language of a code of LANGUAGES."""
    return Language(code)


def wanted(chosen: str | None, accepted: str) -> str:
    """Which language: the one chosen, else the first of `Accept-Language` that there is, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    found = []
    for at, part in enumerate(accepted[:1000].split(",")):
        name, _, quality = part.strip().partition(";q=")
        code = re.split("[-_]", name.strip().lower())[0]
        code = "id" if code in ("in", "ms", "jv", "su") else code  # nearer to a reader of these than English
        if code in LANGUAGES and re.fullmatch(r"[01]?(\.[0-9]{0,3})?", quality):
            found.append((-float(quality or 1 if quality != "." else 0), at, code))
    return min(found)[2] if found and min(found)[0] < 0 else LANGUAGES[0]


def now() -> datetime:
    """The time now."""
    return datetime.now(UTC)
