"""Conditions on a column, as mappings have them: for rows that become events, are left out, or are refunds."""

import re
from collections.abc import Callable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dompet.streams.parsing.numbers import whole_number
from dompet.streams.parsing.texts import shown

Name = Annotated[str, Field(min_length=1)]
Words = Annotated[list[str | int], Field(min_length=1)]
Test = Callable[[str | None], bool]
"""Whether a text, or None for an empty one, meets a condition. Raises ValueError where a number is needed."""


class Condition(BaseModel):
    """What must hold of a column; all that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    column: Name
    present: bool | None = None
    among: Words | None = None
    not_among: Words | None = None
    at_least: int | None = None
    at_most: int | None = None
    matches: Name | None = None

    @field_validator("matches")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"{shown(value or '')} is no regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        keys = [name for name in type(self).model_fields if name != "column"]
        if all(getattr(self, name) is None for name in keys):
            raise ValueError(f"needs one of the keys {', '.join(keys)}")
        return self

    def test(self) -> Test:
        """The condition as a function. An empty value is not present, among nothing, and holds for no other test."""
        among, not_among = frozenset(map(str, self.among or ())), frozenset(map(str, self.not_among or ()))
        pattern = re.compile(self.matches) if self.matches else None
        asks = self.present or among or pattern or self.at_least is not None or self.at_most is not None

        def holds(text: str | None) -> bool:
            if text is None:
                return not asks
            if self.present is False or (among and text not in among) or text in not_among:
                return False
            return (pattern is None or pattern.search(text) is not None) and self._in_bounds(text)

        return holds

    def _in_bounds(self, text: str) -> bool:
        if self.at_least is None and self.at_most is None:
            return True
        if (number := whole_number(text)) is None:
            raise ValueError(f"{self.column} is {shown(text)}, not a whole number")
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)
