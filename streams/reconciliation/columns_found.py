"""Which column of a file holds what, and how: the header by its words, the rest by what is below it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dompet.streams.parsing.blanks import is_blank, stripped
from dompet.streams.parsing.dates import ISO_DAY, DateFormat
from dompet.streams.parsing.delimited import Row
from dompet.streams.parsing.header import ROWS_MAX
from dompet.streams.parsing.numbers import Notation
from dompet.streams.parsing.texts import listed, shown
from dompet.streams.reconciliation.hints import DATE_FORMATS, NOTATIONS, REFUNDS, ROLES, SALES, TIMES, TOTALS

_WITHIN_MIN: Final = 5
"""So long a word may be a part of another one."""
_CURRENCY: Final = frozenset(("rp", "idr"))
_ID: Final = "order_id"


@dataclass(frozen=True)
class Found:
    """A file's header, the column of each role by its number, and the rows below."""

    names: Sequence[str]
    roles: Mapping[str, int]
    rows: Sequence[Row]

    def cells(self, role: str) -> list[str]:
        """What a role's column holds, where it holds anything."""
        at = self.roles.get(role)
        return [] if at is None else [row.values[at] for row in self.rows if not is_blank(row.values[at])]


def columns_found(rows: Sequence[Row], keys: dict[str, Any], remarks: list[str]) -> None:
    """Add the keys of a mapping, and what is to be looked at. There is one row or more."""
    at = max(range(min(len(rows), ROWS_MAX)), key=lambda number: len(_roles(rows[number].values)))
    names, below = rows[at].values, rows[at + 1 :]
    roles = _roles(names)
    for role in (_ID, "amount"):
        if role not in roles:
            remarks.append(f"no column is called as one with {role} is: name it; the columns are {listed(names)}")
    whole = [row for row in below if len(row.values) == len(names)]
    keys.update({role: names[place] for role, place in roles.items()})
    _rows_aside(Found(names, roles, whole), [row for row in below if len(row.values) != len(names)], keys, remarks)
    counted = [row for row in whole if not _aside(row, roles)]
    found = Found(names, roles, counted)
    _ids(found, keys, remarks)
    _amounts(found, keys, remarks)
    _refunds(found, keys, remarks)
    _days(found, keys, remarks)


def _roles(names: Sequence[str]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for role, words in ROLES.items():
        free = [at for at in range(len(names)) if at not in roles.values()]
        fits = (at for word in words for at in free if _speaks_of(names[at], word))
        if (place := next(fits, None)) is not None:
            roles[role] = place
    return roles


def _speaks_of(name: str, word: str) -> bool:
    folded = stripped(name).casefold()
    return folded == word or word in re.split(r"[^a-z]+", folded) or (len(word) >= _WITHIN_MIN and word in folded)


def _aside(row: Row, roles: Mapping[str, int]) -> bool:
    """Whether a row is of no order: it has no id, or adds up the others."""
    order_id = row.values[roles[_ID]] if _ID in roles else row.values[0]
    return is_blank(order_id) or re.search(TOTALS, order_id) is not None


def _rows_aside(found: Found, others: Iterable[Row], keys: dict[str, Any], remarks: list[str]) -> None:
    if _ID not in found.roles:
        return
    at, name = found.roles[_ID], found.names[found.roles[_ID]]
    some = []
    if blank := [row.line for row in found.rows if is_blank(row.values[at])]:
        some.append({"column": name, "present": False})
        remarks.append(f"{len(blank)} rows without an id of an order are left out, the first on line {blank[0]}: fees?")
    if sums := [row.line for row in found.rows if re.search(TOTALS, row.values[at])]:
        some.append({"column": name, "matches": TOTALS})
        remarks.append(f"{len(sums)} rows that add up others are left out, the first on line {sums[0]}")
    if some:
        keys["leave_out"] = some
    last = next((row for row in others if row.values and re.search(TOTALS, row.values[0])), None)
    if last and found.names[0]:
        keys["ends_at"] = [{"column": found.names[0], "matches": TOTALS}]
        remarks.append(f"the table ends at line {last.line}: what follows is not read")


def _ids(found: Found, keys: dict[str, Any], remarks: list[str]) -> None:
    ids = found.cells(_ID)
    if any(one != stripped(one) for one in [*ids, *(found.names[at] for at in found.roles.values())]):
        keys["trim"] = True
        keys.update({role: stripped(found.names[at]) for role, at in found.roles.items()})
        for condition in (*keys.get("leave_out", []), *keys.get("ends_at", [])):
            condition["column"] = stripped(condition["column"])
        remarks.append("there are blanks at the ends of ids or headers: they are left out, of our ids as well")
    if any(one.startswith(("'", '="')) for one in ids):
        keys["excel_text"] = True


def _amounts(found: Found, keys: dict[str, Any], remarks: list[str]) -> None:
    texts = [*found.cells("amount"), *found.cells("refund_amount")]
    words = {word for text in texts for word in re.findall("[A-Za-z]+", text) if word.casefold() not in _CURRENCY}
    plus, minus = (sorted(word for word in words if word.casefold() in known) for known in (SALES, REFUNDS))
    worded = [replace(one, plus=tuple(plus), minus=tuple(minus)) for one in NOTATIONS]
    notation = next((one for one in worded if all(one.read(text) is not None for text in texts)), None)
    if notation is None:
        most = max(worded, key=lambda one: sum(one.read(text) is not None for text in texts))
        unread = next(text for text in texts if most.read(text) is None)
        remarks.append(f"an amount such as {shown(unread)} is not read: say how it is written, or leave its row out")
        notation = most
    keys.update(_unusual_keys(notation))


def _unusual_keys(notation: Notation) -> dict[str, Any]:
    """The keys for a notation, where they are not as usual."""
    usual = Notation()
    keys = {"decimal": notation.decimal, "thousands": notation.grouping}
    same = {"decimal": usual.decimal, "thousands": usual.grouping}
    words = {"plus": list(notation.plus), "minus": list(notation.minus)}
    return {name: value for name, value in keys.items() if value != same[name]} | {
        name: value for name, value in words.items() if value
    }


def _refunds(found: Found, keys: dict[str, Any], remarks: list[str]) -> None:
    """A column of words counts where one of them is a refund's, and refunds have no column of their own."""
    if "refund_column" not in keys:
        return
    column = keys.pop("refund_column")
    words = sorted({stripped(text) for text in found.cells("refund_column")})
    if "refund_amount" in keys:
        return
    if refunds := [word for word in words if word.casefold() in REFUNDS]:
        keys.update(refund_column=column, refund_value=refunds)
    if unknown := [word for word in words if word.casefold() not in REFUNDS | SALES]:
        remarks.append(f"column {shown(column)} holds {listed(unknown)}: which of these are refunds (refund_value)?")


def _days(found: Found, keys: dict[str, Any], remarks: list[str]) -> None:
    texts = list(dict.fromkeys(found.cells("date")))
    if "date" not in keys or not texts:
        keys.pop("date", None)
        return
    readings: dict[tuple[object, ...], str] = {}
    for form in (day + time for day in DATE_FORMATS for time in TIMES):
        days = tuple(DateFormat(form).read(text) for text in texts)
        if None not in days:
            readings.setdefault(days, form)
    if len(readings) == 1:
        [form] = readings.values()
        keys.update({} if form.startswith(ISO_DAY) else {"date_format": form})
        return
    if readings:
        choices = " or ".join(f'date_format = "{form}"' for form in readings.values())
        remarks.append(f"days such as {shown(texts[0])} can be read in several ways: choose {choices}")
    else:
        remarks.append(f"days such as {shown(texts[0])} are not read: say date = … and date_format = …, or leave it so")
    del keys["date"]
