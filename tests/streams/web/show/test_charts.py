"""Charts: every value has its place, however many days there are and however far apart."""

import re
from datetime import date, timedelta

import pytest

from dompet.streams.web.show.charts import Series, columns
from dompet.streams.web.show.language import language

EN = language("en")
START = date(2020, 4, 1)


def drawn(days: list[date], *values: list[int], grain: str = "day", stacked: bool = False) -> str:
    series = [Series(f"s{at}", one, at) for at, one in enumerate(values, start=1)]
    return columns(days, series, EN, grain=grain, money=False, stacked=stacked)


def lefts(svg: str) -> list[float]:
    """Where the columns begin, in percent."""
    return [float(left) for left in re.findall(r'<rect class="tone\d" x="([\d.]+)%"', svg)]


@pytest.mark.parametrize(("grain", "slots"), [("day", 62), ("month", 3)])
def test_a_column_has_its_place_in_time(grain: str, slots: int) -> None:
    days = [START, date(2020, 6, 1)] if grain == "month" else [START, START + timedelta(days=61)]
    first, last = lefts(drawn(days, [5, 5], grain=grain))
    assert last - first == pytest.approx(100 * (slots - 1) / slots, abs=0.01)


def test_a_few_columns_are_no_blocks_and_stand_above_their_names() -> None:
    svg = drawn([START], [5], [3], grain="month")
    widths = [
        float(width) for width in re.findall(r'<rect class="tone\d" x="[\d.]+%" y="[\d.]+" width="([\d.]+)%', svg)
    ]
    assert sum(widths) == pytest.approx(14)
    assert lefts(svg)[1] == pytest.approx(50)
    assert '<text class="tick" x="50.000%" y="214" text-anchor="middle">Apr 2020</text>' in svg


def test_hundreds_of_days_are_lines_that_fall_where_there_is_nothing() -> None:
    days = [START, START + timedelta(days=1), START + timedelta(days=199)]
    svg = drawn(days, [4, 2, 4], [1, 1, 1])
    assert 'viewBox="0 0 200 220"' in svg
    assert svg.count('class="line ') == 2
    assert 'd="M0 196.0V10.0H1V103.0H2V196.0H199V10.0H200V196.0"' in svg
    assert lefts(svg) == []


def test_stacked_days_are_areas_of_which_the_lower_hide_the_others() -> None:
    days = [START + timedelta(days=at) for at in range(200)]
    svg = drawn(days, [1] * 200, [3] * 200, stacked=True)
    assert re.findall(r'class="area (tone\d)" d="M0 196.0V([\d.]+)H1', svg) == [("tone2", "10.0"), ("tone1", "149.5")]


def test_a_day_that_is_far_away_leaves_no_other_out() -> None:
    days = [date(2000, 1, 1), START, date(2099, 12, 31)]
    svg = drawn(days, [8, 8, 8])
    assert svg.count("V10.0") == 3
    assert len(re.findall(r'<text class="tick( odd)?" x="[\d.]+%"', svg)) >= 6


def test_nothing_is_drawn_of_nothing() -> None:
    assert lefts(drawn([], [])) == []
