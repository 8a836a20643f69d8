"""Inputs that others join: their rows by key, on disk, so that they may be larger than the memory."""

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Final

from dompet.streams.importer.mapping import Input
from dompet.streams.importer.needs import NUMBER
from dompet.streams.importer.row_events import key_of
from dompet.streams.importer.rows import Values

_DECIMAL: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS looked_up (
    input TEXT, key BLOB, place TEXT, line INTEGER, data TEXT,
    within BLOB, by_number REAL, by_text TEXT, number INTEGER,
    PRIMARY KEY (input, key)
) WITHOUT ROWID
"""
_INSERT: Final = "INSERT INTO looked_up VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)"
_NUMBER: Final = """
UPDATE looked_up SET number = numbered.number
FROM (
    SELECT key, row_number() OVER (
        PARTITION BY within ORDER BY by_number IS NULL, by_number, by_text, place, line
    ) AS number
    FROM looked_up WHERE input = ?1
) AS numbered
WHERE looked_up.input = ?1 AND looked_up.key = numbered.key
"""


class Lookup:
    """The rows of one input by its key: `add` them all, then `number`, then `find`.

    `columns` are those that will be asked for. What is kept of a key is a digest.
    """

    def __init__(self, database: sqlite3.Connection, name: str, given: Input, columns: Sequence[str]) -> None:
        self._database = database
        self._name = name
        self._key = list(given.key or ())
        self._numbering = given.number
        self._columns = [column for column in columns if column != NUMBER or given.number is None]
        database.execute(_TABLE)

    @property
    def nothing(self) -> Values:
        """In place of a row that is not there: every column empty."""
        names = [*self._columns, *([NUMBER] if self._numbering else [])]
        return {f"{self._name}.{name}": None for name in names}

    def add(self, place: str, line: int, row: Values) -> str | None:
        """Take a row, which is at `place:line`; what is wrong with it, if anything, and then it is not taken."""
        key = [value for name in self._key if (value := row[name]) is not None]
        if len(key) < len(self._key):
            return f"the key ({', '.join(self._key)}) is empty in part"
        digest = key_of(key)
        data = json.dumps([row[name] for name in self._columns], ensure_ascii=False)
        try:
            self._database.execute(_INSERT, [self._name, digest, place, line, data, *self._order(row)])
        except sqlite3.IntegrityError:
            query = "SELECT place, line FROM looked_up WHERE input = ? AND key = ?"
            first_place, first_line = self._database.execute(query, [self._name, digest]).fetchone()
            return f"the key ({', '.join(self._key)}) is at {first_place}:{first_line} already"
        return None

    def number(self) -> None:
        """All rows are there: number them, if that is asked for."""
        if self._numbering:
            self._database.execute(_NUMBER, [self._name])

    def find(self, key: Sequence[str]) -> Values | None:
        """The row with this key, its columns named `input.column`."""
        query = "SELECT data, number FROM looked_up WHERE input = ? AND key = ?"
        found = self._database.execute(query, [self._name, key_of(key)]).fetchone()
        if found is None:
            return None
        data, number = found
        row = {f"{self._name}.{name}": value for name, value in zip(self._columns, json.loads(data), strict=True)}
        return {**row, f"{self._name}.{NUMBER}": str(number)} if self._numbering else row

    def _order(self, row: Values) -> tuple[bytes | None, float | None, str | None]:
        if self._numbering is None:
            return None, None, None
        by = row[self._numbering.by] or ""
        within = key_of(row[name] or "" for name in self._numbering.within)
        return within, float(by) if _DECIMAL.fullmatch(by) else None, by
