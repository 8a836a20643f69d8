"""A mapping: which files there are, which rows of them are events, and what the events' fields are made from.

It is data and nothing in it is run. Every error names the file and the line.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from dompet.schemas.contracts import Contract, events_by_name
from dompet.schemas.errors import DompetError
from dompet.schemas.wire import unknown_type
from dompet.streams.importer.values import Name, Strict, Value
from dompet.streams.parsing.conditions import Condition
from dompet.streams.parsing.shape import FileShape
from dompet.streams.parsing.toml_lines import Lines, line_of, lines_of
from dompet.streams.parsing.zones import zone_of

OWN_ID: Final = "event_id"
"""The one field that a mapping may leave out."""

Columns = Annotated[list[Name], Field(min_length=1)]


class MappingError(DompetError):
    """A mapping does not hold, or does not fit the files; the sentence names the file and the line."""


class Numbering(Strict):
    """Numbers from 1 for the rows that have the same columns `within`, in the order of the column `by`."""

    within: Columns
    by: Name


class Join(Strict):
    """The row of another input whose key is what the columns `on` hold."""

    input: Name
    on: Columns
    missing: Literal["bad", "empty", "skip"] = "bad"


class Input(FileShape):
    """Files of one kind: the pattern of their names, how they are written, and what is joined to their rows."""

    file: Name
    empty: Annotated[list[str], Field(default_factory=lambda: [""])]
    key: Columns | None = None
    number: Numbering | None = None
    join: Annotated[list[Join], Field(default_factory=list)]


class EventRule(Strict):
    """One type of event that rows of an input give."""

    source: Annotated[Name, Field(alias="from")]
    type: str
    when: Annotated[list[Condition], Field(default_factory=list)]
    once_per: Name | None = None
    fields: Annotated[dict[str, Value], Field(default_factory=dict)]

    @field_validator("type")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in events_by_name():
            raise ValueError(str(unknown_type(value)))
        return value

    @property
    def contract(self) -> Contract:
        """The contract of its type."""
        return events_by_name()[self.type]


class Mapping(Strict):
    """A whole mapping."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,23}$")]
    zone: str = "Asia/Jakarta"
    salt: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    inputs: Annotated[dict[str, Input], Field(min_length=1)]
    values: Annotated[dict[str, Value], Field(default_factory=dict)]
    fields: Annotated[dict[str, Value], Field(default_factory=dict)]
    events: Annotated[list[EventRule], Field(min_length=1)]

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        zone_of(value)
        return value

    def fields_of(self, rule: EventRule) -> dict[str, Value]:
        """What each field of a rule's events is made from: its own, else that of all events, if its type has it."""
        of_all = {field.name: self.fields[field.name] for field in rule.contract.fields if field.name in self.fields}
        return {**of_all, **rule.fields}


@dataclass(frozen=True)
class MappingFile:
    """A mapping, and where its parts are."""

    mapping: Mapping
    source: str
    text: str

    def wrong(self, sentence: str, *where: str | int) -> MappingError:
        """The error for a part of it."""
        return MappingError(f"{self.source}:{self.line(*where)}: {sentence}")

    def line(self, *where: str | int) -> int:
        """The line of a part of it."""
        return line_of(where, self._lines)

    @cached_property
    def _lines(self) -> Lines:
        return lines_of(self.text)


_SALT_CHARACTERS_MIN: Final = 16


def salt_of(file: MappingFile) -> bytes:
    """What the environment variable holds that the mapping names; b"" where it names none.

    Raises MappingError where it is not set, or so short that it could be guessed.
    """
    name = file.mapping.salt
    if name is None:
        return b""
    salt = os.environ.get(name, "")
    if len(salt) < _SALT_CHARACTERS_MIN:
        must = f"must be a secret text of {_SALT_CHARACTERS_MIN} characters or more"
        why = f"has {len(salt)} characters" if salt else "is not set"
        raise file.wrong(f"the environment variable {name} {why}: it {must}", "salt")
    return salt.encode("utf-8", "surrogateescape")
