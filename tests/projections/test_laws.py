"""The dated rules as columns say what calendar arithmetic in Asia/Jakarta says, for one time and for many."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.projections.laws import Laws
from dompet.schemas.limits import TIME_US_END, TIME_US_MIN
from dompet.schemas.rules import Rulebook, parse_rules, read_rules

JAKARTA = timezone(timedelta(hours=7))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MONTHS_AND_DAYS = ("12-15", "01-01", "12-31", "02-28", "07-01")


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def rulebook() -> Rulebook:
    """A set of rules for each spend_by day."""
    text = (
        'programme_publishers = ["programme"]\n[[rules]]\nname = "{day}"\nfrom = {year}-04-01\nspend_by = "{day}"\n'
        "max_credits = 1\nfirst_purchase_days = {days}\none_open_course = true\ncommission_cap_bp = 1500\n"
        "min_completion_minutes = 60\nredemption_required = false\nattendance_required = false\n"
        "review_required = true\nincentive = {{ times = 4, amount = 1 }}\nsurveys = {{ times = 3, amount = 1 }}\n"
    )
    sets = [text.format(day=day, year=2000 + n, days=30 + n) for n, day in enumerate(MONTHS_AND_DAYS)]
    return parse_rules("".join([sets[0], *(one.split("\n", 1)[1] for one in sets[1:])]), "test.toml")


LAWS = Laws(rulebook())


def spend_by(month_and_day: str, credited_at: datetime) -> int:
    """The end of that day in the credit's year, or in the next where it is over."""
    month, day = map(int, month_and_day.split("-"))
    year = credited_at.astimezone(JAKARTA).year
    ends = [datetime(y, month, day, tzinfo=JAKARTA) + timedelta(days=1) - MICROSECOND for y in (year, year + 1)]
    return micros(next(end for end in ends if credited_at <= end))


def edges(year: int, month_and_day: str) -> list[datetime]:
    """The instants of a year around which its spend_by may change."""
    month, day = map(int, month_and_day.split("-"))
    new_years = [datetime(y, 1, 1, tzinfo=JAKARTA) for y in (year, year + 1)]
    end = datetime(year, month, day, tzinfo=JAKARTA) + timedelta(days=1)
    return [at + shift for at in (*new_years, end) for shift in (-MICROSECOND, timedelta(0), MICROSECOND)]


@pytest.mark.parametrize("rules", range(len(MONTHS_AND_DAYS)), ids=MONTHS_AND_DAYS)
def test_a_balance_must_be_spent_by_the_end_of_the_day_in_jakarta(rules: int) -> None:
    every = [one for year in range(2000, 2101) for one in edges(year, MONTHS_AND_DAYS[rules])]
    times = [one for one in every if TIME_US_MIN <= micros(one) < TIME_US_END]
    expected = [spend_by(MONTHS_AND_DAYS[rules], one) for one in times]
    at = np.array([micros(one) for one in times])
    assert LAWS.spend_by(np.full(len(at), rules), at).tolist() == expected
    assert [int(LAWS.spend_by(rules, micros(one))) for one in times] == expected


@given(st.integers(TIME_US_MIN, TIME_US_END - 1), st.integers(0, len(MONTHS_AND_DAYS) - 1))
@settings(max_examples=100)
def test_at_any_time_a_balance_must_be_spent_on_time(time: int, rules: int) -> None:
    assert LAWS.spend_by(rules, time) == spend_by(MONTHS_AND_DAYS[rules], EPOCH + time * MICROSECOND)


def test_the_day_in_jakarta_begins_seven_hours_before_that_of_utc() -> None:
    due = Laws(read_rules()).spend_by(0, micros(datetime(2020, 4, 11, tzinfo=UTC)))
    assert EPOCH + int(due) * MICROSECOND == datetime(2020, 12, 15, 16, 59, 59, 999_999, tzinfo=UTC)


def test_rules_hold_from_the_first_instant_of_their_day_in_jakarta() -> None:
    laws = Laws(read_rules())
    first, second = (micros(datetime(year, month, 1, tzinfo=JAKARTA)) for year, month in ((2020, 4), (2023, 1)))
    times = [TIME_US_MIN, first - 1, first, second - 1, second, TIME_US_END - 1]
    expected = [-1, -1, 0, 0, 1, 1]
    assert laws.in_force(np.array(times)).tolist() == expected
    assert [int(laws.in_force(time)) for time in times] == expected
    assert laws.names == ("2020", "2023")


def test_the_first_purchase_is_due_whole_days_after_the_credit() -> None:
    credited = micros(datetime(2020, 2, 28, 23, 59, tzinfo=JAKARTA))
    due = LAWS.first_purchase_due(np.array([0, 4]), np.array([credited, credited]))
    assert due.tolist() == [credited + days * 86_400_000_000 for days in (30, 34)]
