"""Charts as SVG, drawn here: they need no script, print, and take their colours from the style sheet. Places are in
percent and texts in pixels, so that a chart is as wide as its place and its words stay readable on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup, escape

from dompet.streams.web.show.language import Language

_HEIGHT: Final = 220
_TOP: Final = 10
_BOTTOM: Final = 24
_LABELS_MOST: Final = 6
_COLUMNS_MOST: Final = 120
"""More days or months than that are lines: on a phone a column of three side by side would be less than a pixel."""
_THICK_MOST: Final = 14
"""In percent, of all columns of one day or month together."""
_STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Series:
    """One row of values, one for each time; `tone` is its colour's number in the style sheet."""

    name: str
    values: Sequence[int]
    tone: int


def bar(value: int, most: int, tone: int = 1) -> Markup:
    """A bar within a table's cell, as long as its share of the most."""
    share = 100 * value / most if most > 0 else 0
    width = f"{max(share, 0.6 if value else 0):.2f}%"
    return Markup(
        '<svg class="bar" aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%" rx="2"/>'
        '<rect class="tone{}" width="{}" height="100%" rx="2"/></svg>'
    ).format(tone, width)


def share_bar(parts: Sequence[tuple[str, int, int]], label: str) -> Markup:
    """One bar of parts of a whole: each part's name, value and tone."""
    whole, at, drawn = sum(max(value, 0) for _, value, _ in parts), 0.0, []
    for name, value, tone in parts:
        width = 100 * max(value, 0) / whole if whole else 0
        drawn.append(
            Markup('<rect class="tone{}" x="{}%" width="{}%" height="100%"><title>{}</title></rect>').format(
                tone, f"{at:.3f}", f"{width:.3f}", name
            )
        )
        at += width
    return Markup('<svg class="sharebar" role="img" aria-label="{}">{}</svg>').format(label, Markup("").join(drawn))


def columns(
    days: Sequence[date],
    series: Sequence[Series],
    language: Language,
    *,
    grain: str,
    money: bool,
    stacked: bool = False,
) -> Markup:
    """Columns for each day or month, side by side or stacked; lines or areas where columns would be hairs."""
    each = [[one.values[at] for one in series] for at in range(len(days))]
    most = max((sum(values) if stacked else max(values) for values in each if values), default=0)
    top, step = _scale(most)
    levels = [step * number for number in range(round(top / step) + 1)]
    grid = [Markup('<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(_y(one / top)) for one in levels]
    ticks = [
        Markup('<text class="tick" x="100%" y="{}" text-anchor="end">{}</text>').format(
            f"{float(_y(level / top)) + 4:.1f}", language.short(round(level), money=money) if level else "0"
        )
        for level in levels
    ]
    time = _Time.of(days, grain)
    below = [[sum(values[:at]) * stacked for values in each] for at in range(len(series))]
    many = 1 if stacked else len(series)
    if time.slots > _COLUMNS_MOST:
        drawn = [_line(time, one, start, top, filled=stacked) for one, start in zip(series, below, strict=True)][::-1]
    else:
        drawn = [
            _columns(time, one, (at % many, many), start, top)
            for at, (one, start) in enumerate(zip(series, below, strict=True))
        ]
    name = ", ".join(one.name for one in series)
    return Markup(
        '<div class="plot"><svg class="scale" height="{0}" aria-hidden="true">{1}</svg>'
        '<svg class="chart" height="{0}" role="img" aria-label="{2}">{3}</svg></div>'
    ).format(_HEIGHT, Markup("").join(ticks), name, Markup("").join([*grid, *drawn, *_labels(time, language)]))


def _scale(most: int) -> tuple[float, float]:
    """The height of a chart, and of a step of its grid: round numbers, in three to five steps."""
    if most <= 0:
        return 1, 1
    size = 10 ** (len(str(most)) - 1)
    step = next(number * scale for scale in (size / 10, size) for number in _STEPS if number * scale * 4 >= most)
    step = max(step, 1)
    return step * -(-most // step), step


def _y(share: float) -> str:
    return f"{_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM):.1f}"


@dataclass(frozen=True)
class _Time:
    """Every day or month from the first to the last, those without anything too: `at` says where the days are."""

    first: date
    slots: int
    at: Sequence[int]
    monthly: bool

    @classmethod
    def of(cls, days: Sequence[date], grain: str) -> "_Time":
        monthly = grain == "month"
        numbers = [day.year * 12 + day.month - 1 if monthly else day.toordinal() for day in days]
        at = [number - numbers[0] for number in numbers]
        return cls(days[0] if days else date.min, at[-1] + 1 if at else 0, at, monthly)

    def day(self, slot: int) -> date:
        """The day or month of a slot."""
        if not self.monthly:
            return self.first + timedelta(days=slot)
        number = self.first.year * 12 + self.first.month - 1 + slot
        return date(number // 12, number % 12 + 1, 1)


def _columns(time: _Time, one: Series, place_of_many: tuple[int, int], below: Sequence[int], top: float) -> Markup:
    """The columns of a series: its place among those beside it, and the base of each."""
    at, many = place_of_many
    width = 100 / max(time.slots, 1)
    thick = min(width * 0.76, _THICK_MOST) / many
    left = (width - thick * many) / 2
    base = float(_y(0))
    drawn = [
        Markup('<rect class="tone{}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
            one.tone,
            f"{slot * width + left + at * thick:.3f}",
            _y((start + value) / top),
            f"{thick:.3f}",
            f"{base - float(_y(value / top)):.1f}",
        )
        for slot, value, start in zip(time.at, one.values, below, strict=True)
        if value > 0
    ]
    return Markup("<g>{}</g>").format(Markup("").join(drawn))


def _line(time: _Time, one: Series, below: Sequence[int], top: float, *, filled: bool) -> Markup:
    """A series as steps: a line, or an area down to the base, over which those below it are drawn."""
    base, path, end = _y(0), [f"M0 {_y(0)}"], 0
    for slot, value, start in zip(time.at, one.values, below, strict=True):
        path += [f"V{base}H{slot}"] * (slot > end) + [f"V{_y((start + value) / top)}H{slot + 1}"]
        end = slot + 1
    return Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="{}">'
        '<path class="{} tone{}" d="{}V{}"/></svg>'
    ).format(time.slots, _HEIGHT, _HEIGHT, "area" if filled else "line", one.tone, "".join(path), base)


def _labels(time: _Time, language: Language) -> list[Markup]:
    width, every = 100 / max(time.slots, 1), max(-(-time.slots // _LABELS_MOST), 1)
    show = language.month if time.monthly or time.slots > 62 else language.day
    few = time.slots <= _LABELS_MOST
    return [
        Markup('<text class="tick{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
            " odd" if slot // every % 2 else "",
            f"{(slot + 0.5) * width if slot or few else 0:.3f}",
            _HEIGHT - 6,
            "middle" if slot or few else "start",
            escape(show(time.day(slot))),
        )
        for slot in range(0, time.slots, every)
        if slot == 0 or few or (slot + 0.5) * width < 94
    ]
