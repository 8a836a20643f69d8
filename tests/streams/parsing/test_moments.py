"""Moments that people type, whatever the zone of their machine; and what is refused for it may mean another."""

import time

import pytest

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.moments import since_us, until_us

MIDNIGHT = 1_586_538_000_000_000
"""2020-04-11 in Asia/Jakarta, which is 17:00 of the day before in UTC."""
DAY_US = 86_400_000_000


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Jakarta"])
def test_a_day_is_one_in_jakarta_from_its_first_to_its_last_microsecond(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with monkeypatch.context() as context:
        context.setenv("TZ", zone)
        time.tzset()
        assert since_us("--since", "2020-04-11") == MIDNIGHT
        assert until_us("--as-of", "2020-04-11") == MIDNIGHT + DAY_US - 1
    time.tzset()


@pytest.mark.parametrize(
    "text",
    [
        "2020-04-11T00:00:00+07:00",
        "2020-04-11T00:00+07",
        "2020-04-10T17:00:00Z",
        "2020-04-10t17:00:00.000000Z",
        "20200410T170000Z",
        "1586538000000000",
    ],
)
def test_a_time_is_the_same_moment_from_either_side(text: str) -> None:
    assert since_us("--since", text) == until_us("--until", text) == MIDNIGHT


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2020-02-30", "9999-12-31", "20200411", "2020-W15-6", "2020-W15-6T08:00:00Z", "2020-102"),
        *("20200411T08Z", "2020-04-11T08Z", "2020-04-11T08:00:00", "2020-04-11T08:00:30.5.5Z", "2020-04-11T08:00.5Z"),
        *("2020-04-11T08:00:00.1234567Z", "2020-04-11X08:00:00Z", " 2020-04-11", "2020-04-11\n", "٢٠٢٠-04-11", "-1"),
        *("2020-04-11T25:00:00Z", "1586538000", "15865380000000000"),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(text: str) -> None:
    for read in (since_us, until_us):
        with pytest.raises(DompetError) as refused:
            read("--as-of", text)
        assert str(refused.value).startswith(f"--as-of is {text!r}: it must be a day such as 2020-12-15 ")


def test_no_text_is_no_moment() -> None:
    assert since_us("--since", None) is None
    assert until_us("--until", None) is None
