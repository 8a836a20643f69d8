"""The programme's rules by date, read from TOML (`rules.toml`, or a file the user names).

Every error names the file and the line. `Rulebook.digest` identifies the content: a journal belongs to the rules it
was made with.
"""

import hashlib
import json
import re
import tomllib
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dompet.schemas.errors import ContractError
from dompet.schemas.jakarta import day_start_us
from dompet.schemas.limits import AMOUNT_MAX, id_fault
from dompet.schemas.toml_bounds import BeyondBounds, fault_line, loads_bounded, read_bounded

_Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
_DAYS_MAX: Final = 1_826
"""Five years: so that every due date still fits a ClickHouse DateTime (to 2106)."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Times(_Strict):
    """So many times so many rupiah."""

    times: Annotated[int, Field(ge=0, le=63)]
    amount: _Amount


class RuleSet(_Strict):
    """The rules for wallets first credited from a day on. Durations in days of 86,400 seconds, amounts in rupiah."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    from_day: Annotated[date, Field(alias="from")]
    max_credits: Annotated[int, Field(ge=1, le=1_000_000)]
    first_purchase_days: Annotated[int, Field(ge=0, le=_DAYS_MAX)]
    spend_by: str
    one_open_course: bool
    commission_cap_bp: Annotated[int, Field(ge=0, le=10_000)]
    min_completion_minutes: Annotated[int, Field(ge=0, le=1_000_000)]
    redemption_required: bool
    attendance_required: bool
    review_required: bool
    incentive: Times
    surveys: Times

    @field_validator("spend_by")
    @classmethod
    def _month_and_day(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", value):
            raise ValueError('must be a month and a day like "12-15"')
        date.fromisoformat(f"2001-{value}")
        return value

    @property
    def from_us(self) -> int:
        """From when the set holds, in UTC microseconds."""
        return day_start_us(self.from_day)

    def spend_by_us(self, year: int) -> int:
        """The last microsecond of a year's spend_by day."""
        return day_start_us(date.fromisoformat(f"{year}-{self.spend_by}") + timedelta(days=1)) - 1


class Rulebook(_Strict):
    """All rule sets, by their first day, and who may publish for the programme itself."""

    programme_publishers: Annotated[tuple[str, ...], Field(strict=False)]
    rules: Annotated[tuple[RuleSet, ...], Field(strict=False, min_length=1, max_length=100)]

    @field_validator("programme_publishers")
    @classmethod
    def _ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if fault := id_fault("publisher_id", name, len(name.encode("utf-8", "replace"))):
                raise ValueError(str(fault))
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for earlier, later in pairwise(self.rules):
            if later.from_day <= earlier.from_day:
                raise ValueError(f'rules "{later.name}" must begin after "{earlier.name}", which is before them')
        if len({one.name for one in self.rules}) != len(self.rules):
            raise ValueError("two rule sets have one name")
        return self

    def digest(self) -> str:
        """SHA-256 of the rules' content, in hex: the same for two files that differ in layout only."""
        return self._digest_of_first(len(self.rules))

    def extended(self) -> dict[str, int]:
        """The digests of the rulebooks that this one only adds later periods to, each with when the first period that
        it adds begins, in UTC microseconds.
        """
        return {self._digest_of_first(size): self.rules[size].from_us for size in range(1, len(self.rules))}

    def _digest_of_first(self, size: int) -> str:
        content = self.model_dump(mode="json", by_alias=True)
        content["rules"] = content["rules"][:size]
        content["programme_publishers"] = sorted(content["programme_publishers"])
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def parse_rules(text: str, source: str) -> Rulebook:
    """The rulebook in `text`; ContractError naming `source` and the line of what is wrong."""
    try:
        return Rulebook.model_validate(loads_bounded(text))
    except BeyondBounds as error:
        raise ContractError(f"{source}:{error.line}: not a rules file: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{source}:{fault_line(error, text)}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ContractError(f"{source}:{_line_of(text, first['loc'])}: {path or 'rules'}: {message}") from None
    except ValueError as error:  # a number beyond all measure
        raise ContractError(f"{source}:1: not a rules file: {error}") from None


def _line_of(text: str, where: tuple[int | str, ...]) -> int:
    """The line on which the item at a path of a rules file is; that of its table where the item is missing."""
    lines = text.splitlines()
    tables = [number for number, line in enumerate(lines, start=1) if re.match(r"\s*\[\[\s*rules\s*\]\]", line)]
    first, last = 1, len(lines)
    names = [part for part in where if isinstance(part, str) and part != "rules"]
    index = next((part for part in where if isinstance(part, int)), None)
    if where[:1] == ("rules",) and index is not None and index < len(tables):
        first = tables[index]
        last = tables[index + 1] - 1 if index + 1 < len(tables) else len(lines)
    for number in range(first, last + 1):
        if names and re.match(rf"\s*{re.escape(names[0])}\s*=", lines[number - 1]):
            return number
    return first


def read_rules(path: Path | None = None) -> Rulebook:
    """The rules in a file, or dompet's own; ContractError where they cannot be read or do not hold."""
    if path is None:
        return parse_rules((files("dompet.schemas") / "rules.toml").read_text("utf-8"), "rules.toml")
    try:
        return parse_rules(read_bounded(path), str(path))
    except BeyondBounds as error:
        raise ContractError(f"{path}:{error.line}: not a rules file: {error}") from None
    except OSError as error:
        raise ContractError(f"{path}: the rules file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ContractError(f"{path}:1: the rules file is not UTF-8 text") from None
