"""The waves: who is credited when, how much, and by which decree. Dates and decree numbers are invented."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from dompet.schemas.jakarta import day_start_us
from dompet.schemas.rules import Rulebook, read_rules

DAY_US: Final = 86_400_000_000
"""A day as a duration, in microseconds."""


@dataclass(frozen=True)
class Wave:
    """A registration wave with what its rules say. Moments and durations are in microseconds, amounts in rupiah."""

    number: int
    decree: str
    year: int
    opens_us: int
    days: int
    amount: int
    first_purchase_us: int
    """From the credit to the first purchase's deadline."""
    spend_by_us: int
    """The last microsecond in which saldo may be spent."""
    min_completion_us: int
    commission_cap_bp: int
    redemption_required: bool
    attendance_required: bool
    incentive_times: int
    incentive_amount: int
    survey_times: int
    survey_amount: int
    rules_begin_us: int
    """When the first rules of all began."""


_CALENDAR: Final = (
    (1, date(2020, 4, 11), 8),
    (2, date(2020, 4, 24), 8),
    (3, date(2020, 5, 8), 8),
    (4, date(2020, 6, 5), 10),
    (5, date(2020, 7, 3), 10),
    (6, date(2020, 7, 24), 10),
    (7, date(2020, 8, 14), 10),
    (8, date(2020, 9, 4), 10),
    (9, date(2020, 9, 18), 10),
    (10, date(2020, 10, 2), 10),
    (11, date(2020, 10, 16), 10),
    (12, date(2020, 11, 3), 8),
    (48, date(2023, 2, 17), 12),
    (49, date(2023, 3, 10), 12),
    (50, date(2023, 4, 14), 12),
    (51, date(2023, 5, 19), 12),
)
"""Each wave's number, the day it opens, and the days through which it is credited."""

_AMOUNTS: Final = {2020: 1_000_000, 2023: 3_500_000}
"""The part of the aid that buys training, in whole rupiah; the rest of it is incentives."""


@cache
def waves() -> tuple[Wave, ...]:
    """All waves in the order in which they open, under dompet's own rules."""
    rulebook = read_rules()
    return tuple(_wave(number, opens, days, rulebook) for number, opens, days in _CALENDAR)


def _wave(number: int, opens: date, days: int, rulebook: Rulebook) -> Wave:
    rules = [one for one in rulebook.rules if one.from_day <= opens][-1]
    return Wave(
        number=number,
        decree=f"Keputusan Manajemen Pelaksana Nomor {number} Tahun {opens.year}",
        year=opens.year,
        opens_us=day_start_us(opens),
        days=days,
        amount=_AMOUNTS[opens.year],
        first_purchase_us=rules.first_purchase_days * DAY_US,
        spend_by_us=day_start_us(date.fromisoformat(f"{opens.year}-{rules.spend_by}")) + DAY_US - 1,
        min_completion_us=rules.min_completion_minutes * 60_000_000,
        commission_cap_bp=rules.commission_cap_bp,
        redemption_required=rules.redemption_required,
        attendance_required=rules.attendance_required,
        incentive_times=rules.incentive.times,
        incentive_amount=rules.incentive.amount,
        survey_times=rules.surveys.times,
        survey_amount=rules.surveys.amount,
        rules_begin_us=day_start_us(rulebook.rules[0].from_day),
    )
