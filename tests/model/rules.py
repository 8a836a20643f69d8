"""The rules by date, read from the rules file: the model's own small reader of it.

Times are microseconds since 1970-01-01 UTC, money is whole rupiah. A rule that is missing raises KeyError.
"""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, Self

from tests.model.contracts import SCHEMAS

RULES_FILE = SCHEMAS / "rules.toml"

JAKARTA = timezone(timedelta(hours=7))  # Asia/Jakarta has had no other offset since 1964
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1) // MICROSECOND
DAY = timedelta(days=1) // MICROSECOND


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970-01-01 UTC."""
    return (moment - EPOCH) // MICROSECOND


def start_of(day: date) -> int:
    """The first microsecond of a day in Asia/Jakarta."""
    return micros(datetime.combine(day, time(), JAKARTA))


def end_of(day: date) -> int:
    """The last microsecond of a day in Asia/Jakarta."""
    return start_of(day) + DAY - 1


@dataclass(frozen=True)
class Rules:
    """One set of rules, named as in the specification."""

    name: str
    since: int
    max_credits: int
    first_purchase_days: int
    spend_by_month: int
    spend_by_day: int
    one_open_course: bool
    commission_cap_bp: int
    min_completion_minutes: int
    redemption_required: bool
    attendance_required: bool
    review_required: bool
    incentive_times: int
    incentive_amount: int
    survey_times: int
    survey_amount: int

    @classmethod
    def read(cls, table: dict[str, Any]) -> Self:
        """One `[[rules]]` table of the file."""
        names = dict(table)
        since, spend_by = names.pop("from"), names.pop("spend_by")
        incentive, surveys = names.pop("incentive"), names.pop("surveys")
        month, day = spend_by.split("-")
        return cls(
            since=start_of(since),
            spend_by_month=int(month),
            spend_by_day=int(day),
            incentive_times=incentive["times"],
            incentive_amount=incentive["amount"],
            survey_times=surveys["times"],
            survey_amount=surveys["amount"],
            **names,
        )

    def spend_by(self, credited_at: int) -> int:
        """The last microsecond in which a balance first credited then may be spent."""
        year = (EPOCH + credited_at * MICROSECOND).astimezone(JAKARTA).year
        this_year = end_of(date(year, self.spend_by_month, self.spend_by_day))
        next_year = end_of(date(year + 1, self.spend_by_month, self.spend_by_day))
        return next_year if credited_at > this_year else this_year


@dataclass(frozen=True)
class Rulebook:
    """Every set of rules, and who speaks for the programme."""

    programme_publishers: frozenset[str]
    sets: tuple[Rules, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rules in a file's text."""
        data = tomllib.loads(text)
        return cls(frozenset(data["programme_publishers"]), tuple(Rules.read(table) for table in data["rules"]))

    @classmethod
    def load(cls, path: Path = RULES_FILE) -> Self:
        """The rules in a file, by default the programme's."""
        return cls.parse(path.read_text("utf-8"))

    def at(self, moment: int) -> Rules | None:
        """The set in force then, or None before the first."""
        begun = [rules for rules in self.sets if rules.since <= moment]
        return max(begun, key=lambda rules: rules.since, default=None)

    def named(self, name: str) -> Rules:
        """The set of that name."""
        return next(rules for rules in self.sets if rules.name == name)
