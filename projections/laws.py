"""The dated rules as columns, indexed by a rule set's place in the rulebook."""

from datetime import date
from typing import Any, Final

import numpy as np

from dompet.projections.views import choose
from dompet.schemas.jakarta import day_start_us
from dompet.schemas.rules import Rulebook

_DAY_US: Final = 86_400_000_000
_YEARS: Final = range(1999, 2103)
"""Every year in Asia/Jakarta in which an event may lie, and the next."""


class Laws:
    """What a wallet's rule set says: each attribute is an array with one number a set."""

    def __init__(self, rulebook: Rulebook) -> None:
        sets = rulebook.rules
        self.names = tuple(one.name for one in sets)
        self.max_credits = np.array([one.max_credits for one in sets])
        self.one_open_course = np.array([one.one_open_course for one in sets])
        self.commission_cap_bp = np.array([one.commission_cap_bp for one in sets])
        self.min_completion_us = np.array([one.min_completion_minutes * 60_000_000 for one in sets])
        self.redemption_required = np.array([one.redemption_required for one in sets])
        self.attendance_required = np.array([one.attendance_required for one in sets])
        self.review_required = np.array([one.review_required for one in sets])
        self.incentive = np.array([one.incentive.times * one.incentive.amount for one in sets])
        self.survey_times = np.array([one.surveys.times for one in sets])
        self.survey_amount = np.array([one.surveys.amount for one in sets])
        self._from_us = np.array([one.from_us for one in sets])
        self._first_purchase_us = np.array([one.first_purchase_days * _DAY_US for one in sets])
        self._year_start_us = np.array([day_start_us(date(year, 1, 1)) for year in _YEARS])
        self._spend_by_us = np.array([[one.spend_by_us(year) for year in _YEARS] for one in sets])

    def in_force(self, time_us: Any) -> Any:
        """The rule set in force at a time, -1 before the first."""
        return np.searchsorted(self._from_us, time_us, side="right") - 1

    def first_purchase_due(self, rules: Any, credited_at_us: Any) -> Any:
        """Until when the first purchase must have been made."""
        return credited_at_us + self._first_purchase_us[rules]

    def spend_by(self, rules: Any, credited_at_us: Any) -> Any:
        """Until when the balance must be spent: the end of that day in the credit's year, or of the next year's."""
        year = np.searchsorted(self._year_start_us, credited_at_us, side="right") - 1
        this = self._spend_by_us[rules, year]
        return choose(credited_at_us > this, self._spend_by_us[rules, year + 1], this)
