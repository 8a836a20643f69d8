"""What a mapping says of a file of somebody else's, for any reader: how it is written, and how its numbers are."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from dompet.streams.parsing.conditions import Condition
from dompet.streams.parsing.delimited import QUOTE
from dompet.streams.parsing.numbers import Notation, is_mark
from dompet.streams.parsing.unpacked import Encoding

_Character = Annotated[str, Field(min_length=1, max_length=1)]
_Word = Annotated[str, Field(min_length=1)]


class FileShape(BaseModel):
    """How a file is written, and which of its rows count."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    separator: _Character | None = Field(default=None, validation_alias=AliasChoices("separator", "delimiter"))
    escape: _Character | None = None
    encoding: Encoding | None = None
    sheet: _Word | None = None
    trim: bool = False
    excel_text: bool = False
    leave_out: list[Condition] = Field(default_factory=list)
    ends_at: list[Condition] = Field(default_factory=list)

    @model_validator(mode="after")
    def _characters_differ(self) -> Self:
        for name in ("separator", "escape"):
            value = getattr(self, name)
            if value is not None and (value in f"{QUOTE}\r\n\0" or (name == "escape" and value == self.separator)):
                raise ValueError(f"{name} cannot be {value!r}")
        return self

    @property
    def asked(self) -> list[str]:
        """The columns that its conditions look at, each once."""
        return list(dict.fromkeys(one.column for one in (*self.leave_out, *self.ends_at)))


class NumberShape(BaseModel):
    """How amounts are written."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    decimal: _Character = "."
    thousands: Annotated[str, Field(max_length=1)] = Field(
        default="", validation_alias=AliasChoices("thousands", "grouping")
    )
    plus: list[_Word] = Field(default_factory=list)
    minus: list[_Word] = Field(default_factory=list)

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        if not (is_mark(self.decimal) and (not self.thousands or is_mark(self.thousands))):
            raise ValueError("decimal and thousands must be marks such as . and ,")
        return self

    @cached_property
    def notation(self) -> Notation:
        """Reads them."""
        return Notation(self.decimal, self.thousands, tuple(self.plus), tuple(self.minus))
