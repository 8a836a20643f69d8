"""Rows of a table as objects, so that a rule reads like its sentence: `w.balance -= e.price`.

A view is of many rows (its fields are arrays) or of one (its fields are plain numbers): a rule is written once
and runs on either. Fields are read when they are first named, and written back by `store`.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from dompet.projections.state import Table
from dompet.projections.vocabulary import Status

_BITS: Final = 63


class View:
    """Many rows of some columns: each field an array of its own, in the order of `rows`."""

    def __init__(self, fields: Any, rows: Any) -> None:
        self.__dict__.update(_fields=fields, rows=rows, before={}, changed=set())

    def __getattr__(self, name: str) -> Any:
        value = self.before[name] = self._read(name)
        # An effect may change an array in place; what was read before must stay as it was.
        mine = self.__dict__[name] = value.copy() if isinstance(value, np.ndarray) else value
        return mine

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.before:
            self.before[name] = self._read(name)
        self.changed.add(name)
        self.__dict__[name] = value

    def _read(self, name: str) -> Any:
        return self._fields[name][self.rows]

    def store(self, table: Table) -> None:
        """Write what has changed back."""
        for name in self.changed:
            table[name][self.rows] = self.__dict__[name]

    @property
    def exists(self) -> Any:
        """Whether there is such a row."""
        return self.rows > 0

    @property
    def missing(self) -> Any:
        """Whether there is none."""
        return self.rows == 0

    @property
    def closed(self) -> Any:
        """Of a wallet: expired, revoked or blacklisted."""
        return self.status >= Status.EXPIRED.value

    @property
    def shut_out(self) -> Any:
        """Of a wallet: revoked or blacklisted."""
        return self.status >= Status.REVOKED.value

    @property
    def completed(self) -> Any:
        """Of an order: whether it is."""
        return self.completed_at > 0


class OneEvent(View):
    """A single event, of columns that are plain lists: each field a plain number, which is many times cheaper than an
    array of one. It is read only.
    """

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = self._fields[name][self.rows]
        return value


class One(View):
    """A single row of a table, read whole: to read one number of it takes nearly as long."""

    def __init__(self, table: Table, row: int) -> None:
        before = table.row(row)
        self.__dict__.update(before, rows=row, before=before, changed=set())

    def __setattr__(self, name: str, value: Any) -> None:
        self.changed.add(name)
        self.__dict__[name] = value


NOTHING: Final = OneEvent({}, 0)
"""In place of what a rule neither reads nor writes."""


class Columns(dict[str, Any]):
    """The columns of a batch's events; one that no event of the batch has is zero throughout."""

    def __init__(self, columns: Mapping[str, Any], size: int) -> None:
        super().__init__(columns)
        self._size = size

    def __missing__(self, name: str) -> Any:
        self[name] = zeros = np.zeros(self._size, dtype=np.int64)
        return zeros

    def lists(self, begin: int) -> dict[str, list[Any]]:
        """The events from `begin` on, as plain lists."""
        lists: dict[str, list[Any]] = defaultdict(lambda: [0] * (self._size - begin))
        lists.update((name, column[begin:].tolist()) for name, column in self.items())
        return lists


def bit(number: Any) -> Any:
    """Bit n − 1 for a number n from 1 to 63; where it is another number, some bit."""
    return 1 << choose((number < 1) | (number > _BITS), 0, number - 1)


def choose(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`: of arrays row by row, of single values at once."""
    if isinstance(condition, np.ndarray):
        return np.where(condition, yes, no)
    return yes if condition else no
