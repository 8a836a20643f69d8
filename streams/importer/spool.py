"""The events of an import, on disk in the order of their time, and how many of them the log has."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from dompet.streams.importer.row_events import RowEvent

_CACHE_KIB: Final = 65_536
"""What SQLite may hold in memory, of a database and as well for its sort; the rest of the sort goes to TMPDIR."""


@dataclass(frozen=True)
class Tally:
    """What the files held: rows read, rows that do not map, and events by their type."""

    rows: int
    bad: int
    events: dict[str, int]

    @property
    def total(self) -> int:
        """All events."""
        return sum(self.events.values())


def scratch(path: Path) -> sqlite3.Connection:
    """A database for one run, which is worth nothing if the run is cut."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        database.execute(f"PRAGMA {setting}")
    return database


class Sorter:
    """Takes events in any order, in bounded memory."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE made (at_us INTEGER, rule INTEGER, row INTEGER, line TEXT)")
        database.execute(
            "CREATE TABLE firsts (rule INTEGER, once BLOB, at_us INTEGER, row INTEGER, line TEXT,"
            " PRIMARY KEY (rule, once)) WITHOUT ROWID"
        )
        database.execute(
            "CREATE VIEW every AS SELECT at_us, rule, row, line FROM made"
            " UNION ALL SELECT at_us, rule, row, line FROM firsts"
        )
        database.execute("BEGIN")

    def add(self, row: int, event: RowEvent) -> None:
        """Take an event of the row with this number."""
        if event.once is None:
            values: tuple[object, ...] = (event.at_us, event.rule, row, event.line)
            self._database.execute("INSERT INTO made VALUES (?, ?, ?, ?)", values)
        else:
            self._database.execute(
                "INSERT INTO firsts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at_us = excluded.at_us,"
                " row = excluded.row, line = excluded.line WHERE excluded.at_us < at_us",
                (event.rule, event.once, event.at_us, row, event.line),
            )

    def sort_into(self, path: Path) -> dict[int, int]:
        """Write the events into a spool, in order; how many each rule has.

        Those of one instant keep the order of their rules, then that of their rows.
        """
        self._database.execute("COMMIT")
        path.unlink(missing_ok=True)
        self._database.execute("ATTACH ? AS spool", [str(path)])
        # Not one transaction over two databases: what is cut short is made again.
        self._database.execute("PRAGMA spool.journal_mode = OFF")
        self._database.execute("CREATE TABLE spool.events (place INTEGER PRIMARY KEY, line TEXT)")
        self._database.execute("INSERT INTO spool.events (line) SELECT line FROM every ORDER BY at_us, rule, row")
        counts = self._database.execute("SELECT rule, count(*) FROM every GROUP BY rule").fetchall()
        self._database.execute("DETACH spool")
        return dict(counts)


class Spool:
    """Sorted events, numbered from 1, and up to which of them the log has acknowledged all."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        row = self._database.execute("SELECT tally, acknowledged FROM progress").fetchone()
        self.tally = Tally(**json.loads(row[0]))
        self.acknowledged = int(row[1])

    @staticmethod
    def finish(path: Path, tally: Tally) -> None:
        """Add to sorted events what they are, and that none is published yet."""
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("CREATE TABLE progress (tally TEXT, acknowledged INTEGER)")
        database.execute("INSERT INTO progress VALUES (?, 0)", [json.dumps(asdict(tally))])
        database.close()

    def lines(self, after: int, limit: int) -> Iterator[tuple[int, str]]:
        """Events after a place, so many at most: their places, and themselves as JSON."""
        query = "SELECT place, line FROM events WHERE place > ? ORDER BY place LIMIT ?"
        yield from self._database.execute(query, [after, limit])

    def acknowledge(self, place: int) -> None:
        """Remember that the log has all events up to this one; it outlives a power cut."""
        self._database.execute("UPDATE progress SET acknowledged = ?", [place])
        self.acknowledged = place

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
