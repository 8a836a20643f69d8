"""How a file of somebody else's is to be read: a small TOML file with a table for each file.

[statement]                  [bank]
order_id = "No. Pesanan"     order_id = "Berita"
amount = "Jumlah"            amount = "Kredit"
separator = ";"              refund_amount = "Debet"
thousands = "."
decimal = ","
"""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.conditions import Condition
from dompet.streams.parsing.dates import ISO_DAY, DateFormat
from dompet.streams.parsing.shape import FileShape, NumberShape
from dompet.streams.parsing.toml_lines import line_of, lines_of, parsed, text_in

Role = Literal["statement", "redemptions", "bank"]
Name = Annotated[str, Field(min_length=1)]
WITHOUT_AMOUNT: Final = "redemptions"


class MappingError(DompetError):
    """A mapping does not hold; the sentence names the file and the line."""


class Layout(FileShape, NumberShape):
    """One file's columns by their names in its header, and how it writes signs and days."""

    order_id: Name
    beneficiary_id: Name | None = None
    amount: Name | None = None
    amount_is: Literal["price", "net"] = "price"
    refund_amount: Name | None = None
    refund_column: Name | None = None
    refund_value: Name | Annotated[list[Name], Field(min_length=1)] | None = None
    refund_when: Condition | None = None
    sale_when: Condition | None = None
    add_up: bool = False
    date: Name | None = None
    date_format: Name = ISO_DAY
    undated: Literal["inside", "outside", "as_above"] | None = None

    @field_validator("date_format")
    @classmethod
    def _is_of_days(cls, value: str) -> str:
        if "%z" in value.lower():
            raise ValueError(f"{value!r} names a zone; days are those of Asia/Jakarta")
        try:
            DateFormat(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is no format of a day: {error}") from None
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.refund_column is None) != (self.refund_value is None):
            raise ValueError("refund_column and refund_value go together")
        ways = [name for name in ("refund_amount", "refund_column", "refund_when") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)} both say which lines are refunds")
        if self.sale_when and ways[:1] not in (["refund_column"], ["refund_when"]):
            raise ValueError("sale_when needs refund_column or refund_when beside it")
        if self.undated and self.date is None:
            raise ValueError("undated needs date, the column with the day")
        return self

    @property
    def columns(self) -> list[str]:
        """The file's columns that are read, each once."""
        named = [self.order_id, self.beneficiary_id, self.amount, self.refund_amount, self.date, self.refund_column]
        named += [one.column for one in (self.refund_when, self.sale_when) if one]
        return list(dict.fromkeys(name for name in named if name is not None))


class Mapping(BaseModel):
    """The layouts of the files that there may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    statement: Layout
    redemptions: Layout | None = None
    bank: Layout | None = None

    @field_validator("statement", "bank")
    @classmethod
    def _needs_amounts(cls, layout: Layout | None) -> Layout | None:
        if layout and layout.amount is None:
            raise ValueError("amount is missing: which column holds the amount")
        return layout


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file; MappingError where it does not hold, OSError where it cannot be read."""
    try:
        text = text_in(path, "a mapping", MappingError)
    except UnicodeDecodeError:
        raise MappingError(f"{path}:1: the mapping is not UTF-8 text") from None
    return parse_mapping(text, str(path))


def parse_mapping(text: str, source: str) -> Mapping:
    """The mapping in `text`; MappingError naming `source` and the line of what is wrong."""
    try:
        return Mapping.model_validate(parsed(text, source, "a mapping", MappingError))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        line = line_of(first["loc"], lines_of(text))
        raise MappingError(f"{source}:{line}: {where}: {said[:1].lower()}{said[1:]}") from None
