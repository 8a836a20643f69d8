"""What people are shown of stored columns: the SQL of views, and the sentences about their columns.

Stored are numbers that every ClickHouse compares and merges fast: moments in microseconds, flags as bits. Views show
times, names and lists, made here once for all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dompet.projections.columns import Column, Kind, Meaning
from dompet.projections.vocabulary import DOUBTFUL, Flag
from dompet.streams.warehouse.tables import KEYS, PLACE, TABLES

_EMPTY: Final = "''"
_DAY_US: Final = 86_400_000_000
_JAKARTA_US: Final = 7 * 3_600_000_000
_LAST_DATE: Final = 47_481
"""2099-12-31, counted from 1970-01-01: a day outside of these is no Date of every ClickHouse."""


AMOUNT: Final = "if(type = 'SaldoRevoked' OR type = 'BeneficiarySanctioned', returned_change, amount)"
"""What an event names as its amount; one that takes the balance back names none, and what it took is shown."""
MONEY: Final = f"if(price != 0, price, {AMOUNT})"
"""The same, or a purchase's price."""


@dataclass(frozen=True)
class Shown:
    """A column of a view: its name, the expression that makes it, and a sentence about it."""

    name: str
    sql: str
    about: str

    def __str__(self) -> str:
        return self.name if self.sql == self.name else f"{self.sql} AS {self.name}"


def shown_columns(table: str) -> list[Shown]:
    """What people are shown of a table's columns, in order, but for its keys and for what says which row counts."""
    hidden = (*KEYS.get(table, ()), *(() if table == "journal_rows" else PLACE))
    return [one for column in TABLES[table] if column.name not in hidden for one in _shown(table, column)]


def moment(microseconds: str, *, absent: bool = False) -> str:
    """A time in UTC, to the second; NULL for 0 where it may be absent."""
    time = f"toDateTime(intDiv({microseconds}, 1000000), 'UTC')"
    return f"if({microseconds} = 0, NULL, {time})" if absent else time


def jakarta_day(microseconds: str, *, absent: bool = False) -> str:
    """The day in Asia/Jakarta, which is UTC+7 all year; NULL for 0 where it may be absent."""
    date = day(f"intDiv({microseconds} + {_JAKARTA_US}, {_DAY_US})")
    return f"if({microseconds} = 0, NULL, {date})" if absent else date


def day_name(name: str) -> str:
    """What the day of a moment is called.

    >>> day_name("purchased_at"), day_name("spend_by")
    ('purchased_on', 'spend_by_on')
    """
    return f"{name.removesuffix('_at')}_on"


def moment_and_day(microseconds: str, name: str, about: str = "", *, absent: bool = False) -> Iterator[Shown]:
    """Both, the one in UTC and the other in Asia/Jakarta."""
    yield Shown(name, moment(microseconds, absent=absent), about)
    yield Shown(day_name(name), jakarta_day(microseconds, absent=absent), day_about(name))


def day_about(name: str) -> str:
    """The sentence about the day of a moment."""
    return f"The day of {name}, in Asia/Jakarta."


def yes_no(condition: str) -> str:
    """yes or no: not every ClickHouse has a Bool, and none shows it so."""
    return f"if({condition}, 'yes', 'no')"


def numbers(bits: str) -> str:
    """The numbers of the bits that are set, as an array: bit n - 1 for n."""
    return f"arrayMap(bit -> toUInt8(round(log2(bit)) + 1), bitmaskToArray({bits}))"


def day(number: str) -> str:
    """The day of a number of days from 1970-01-01 on."""
    return f"toDate(toUInt16({number}))"


def flags(bits: str) -> str:
    """The names of flags."""
    named = ", ".join(f"if(bitAnd({bits}, {one.value}) != 0, '{flag_name(one)}', '')" for one in Flag)
    return f"arrayFilter(flag -> flag != '', [{named}])"


def flag_name(flag: Flag) -> str:
    """What a flag is called in texts."""
    return str(flag.name).lower()


def doubtful() -> str:
    """The names of the flags that hold an entitlement, as an array."""
    names = (f"'{flag_name(one)}'" for one in Flag if one & DOUBTFUL)
    return f"[{', '.join(names)}]"


def _shown(table: str, column: Column) -> Iterator[Shown]:
    maybe = column.absent or (table == "journal_rows" and column.name.endswith(("_after_us", "_at_us")))
    maybe = maybe and column.name != "recorded_at_us"
    about = f"{column.doc}{' NULL where there is none.' if maybe or column.only_of else ''}"
    match column.meaning:
        case Meaning.MOMENT:
            name = column.name.removesuffix("_us")
            both = moment_and_day(column.name, name, f"{about} In UTC, to the second.", absent=maybe)
            yield next(both)
            if not name.endswith("_after"):
                yield next(both)
            if table == "journal_rows":
                yield Shown(column.name, column.name, stored_about(column))
        case Meaning.DAYS:
            known = f"ifNull({column.name}, -1) BETWEEN 0 AND {_LAST_DATE}"
            yield Shown(column.name.removesuffix("_days"), f"if({known}, toDate({column.name}), NULL)", about)
        case Meaning.FLAGS:
            yield Shown(column.name.replace("flag_bits", "flags"), flags(column.name), about)
        case Meaning.RUPIAH:
            sql = AMOUNT if (table, column.name) == ("journal_rows", "amount") else column.name
            yield Shown(column.name, sql, f"{about} In rupiah.")
        case _:
            yield Shown(column.name, _value(column), about)


def _value(column: Column) -> str:
    value = column.name
    if column.meaning is Meaning.YES_NO:
        value = yes_no(f"{value} != 0")
    elif column.meaning is Meaning.NUMBERS:
        value = numbers(value)
    elif column.absent and column.kind is not Kind.NULLABLE:
        value = f"nullIf({value}, {_EMPTY if column.kind in (Kind.STRING, Kind.CATEGORY) else 0})"
    return f"if(type = '{column.only_of}', {value}, NULL)" if column.only_of else value


UNITS: Final = {
    Meaning.RUPIAH: "In rupiah.",
    Meaning.MOMENT: "In UTC microseconds.",
    Meaning.DAYS: "In days from 1970-01-01 on.",
    Meaning.YES_NO: "1 for yes, 0 for no.",
    Meaning.FLAGS: f"As bits: {', '.join(f'{one.value} {flag_name(one)}' for one in Flag)}.",
    Meaning.NUMBERS: "As bits: bit n - 1 for number n.",
}


def stored_about(column: Column) -> str:
    """The sentence about a column as it is stored."""
    none = "NULL" if column.kind is Kind.NULLABLE else "Empty" if column.kind is Kind.STRING else "0"
    parts = (column.doc, f"{none} where there is none." if column.absent else "", UNITS.get(column.meaning, ""))
    return " ".join(part for part in parts if part)
