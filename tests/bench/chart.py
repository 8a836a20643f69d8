"""The chart: one bar a contestant, as SVG that is readable on light and on dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_WIDTH: Final = 760
_LEFT: Final = 232
_RIGHT: Final = 96
_TOP: Final = 76
_ROW: Final = 40
_BAR: Final = 22
_BOTTOM: Final = 12

_STYLE: Final = """
  .page { fill: #ffffff; stroke: #d1d9e0 }
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size: 13px; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .note { font-size: 12px; fill: #59636e }
  .value { font-weight: 600 }
  .ours { fill: #0f766e } .theirs { fill: #a3adb8 } .reading { fill: none; stroke: #8b96a1; stroke-dasharray: 4 3 }
  .halo { stroke: #ffffff; stroke-width: 5 } .range { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d } text { fill: #e6edf3 } .note { fill: #9198a1 }
    .ours { fill: #2dd4bf } .theirs { fill: #6b7681 } .reading { stroke: #7d8894 }
    .halo { stroke: #0d1117 } .range { stroke: #e6edf3 }
  }
"""
"""A page of its own behind the bars: the page that shows the image may use another scheme than the page around it."""


@dataclass(frozen=True)
class Bar:
    """Events a second: the median as a bar, the lowest and highest as a line across its end.

    `kind` is "ours", "theirs", or "reading" for one that only reads.
    """

    label: str
    kind: str
    median: float
    low: float
    high: float


def svg(title: str, notes: Sequence[str], bars: Sequence[Bar]) -> str:
    """The bars under one another, the fastest first."""
    ordered = sorted(bars, key=lambda bar: -bar.median)
    longest = max(bar.high for bar in bars)
    height = _TOP + _ROW * len(bars) + _BOTTOM
    rows = "\n".join(
        _row(bar, _TOP + _ROW * place, (_WIDTH - _LEFT - _RIGHT) / longest) for place, bar in enumerate(ordered)
    )
    lines = "\n".join(
        f'<text class="note" x="16" y="{47 + 17 * place}">{escape(note)}</text>' for place, note in enumerate(notes)
    )
    reported = "; ".join(f"{bar.label}: {bar.median:,.0f} events a second" for bar in ordered)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"
  width="{_WIDTH}" height="{height}" role="img" aria-labelledby="title description">
<title id="title">{escape(title)}</title>
<desc id="description">{escape(reported)}</desc>
<style>{_STYLE}</style>
<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="6"/>
<text class="title" x="16" y="27">{escape(title)}</text>
{lines}
{rows}
</svg>
"""


def _row(bar: Bar, top: float, scale: float) -> str:
    middle, bar_top = top + _ROW / 2, top + (_ROW - _BAR) / 2
    width = max(bar.median * scale, 1)
    low, high = _LEFT + bar.low * scale, _LEFT + bar.high * scale
    after = max(_LEFT + width, high) + 8
    path = f'd="M{low:.1f} {middle:.1f}H{high:.1f}"'
    line = f'<path class="halo" {path}/><path class="range" {path}/>' if high - low > 1 else ""
    return f"""<text x="{_LEFT - 10}" y="{middle + 4.5:.1f}" text-anchor="end">{escape(bar.label)}</text>
<rect class="{bar.kind}" x="{_LEFT}" y="{bar_top:.1f}" width="{width:.1f}" height="{_BAR}" rx="2"/>{line}
<text class="value" x="{after:.1f}" y="{middle + 4.5:.1f}">{bar.median:,.0f}</text>"""
