"""What must hold, after every insert and at the end. The fold is not asked: the model is."""

from dompet.projections.columns import LATEST
from dompet.streams.pipeline.stored_journal import KEYS, Kind
from tests.simulation.histories import History, Place
from tests.simulation.storage import LAST, Insert, Storage
from tests.support.folding import Row


class Violation(Exception):
    """What does not hold, as a sentence."""


class Checker:
    """Holds one warehouse to one history."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._ever: set[Place] = set()

    def see(self, insert: Insert) -> None:
        """Look at an insert that is being done."""
        if insert.table == "journal_rows":
            for row in insert.rows:
                self._row(insert.table, row, self._expected(row["partition"], row["offset"]))
                self._ever.add((row["partition"], row["offset"]))
        elif insert.table in LAST:
            for row in insert.rows:
                source = self._expected(row["partition"], row["version"])
                self._row(insert.table, row, {name: source[column] for name, column in LATEST[insert.table].items()})
        elif insert.table == "checkpoint_rows":
            for row in insert.rows:
                self._checkpoint(row)

    def _expected(self, partition: int, offset: int) -> Row:
        row = self._history.rows.get((partition, offset))
        if row is None:
            raise Violation(f"a row is written for partition {partition}, offset {offset}, which the log has not")
        return row

    def _row(self, table: str, row: Row, expected: Row) -> None:
        if row != expected:
            wrong = next(name for name in expected if row.get(name) != expected[name])
            place = f"partition {row['partition']}, offset {row.get('offset', row.get('version'))}"
            raise Violation(f"{table}, {place}: {wrong} is {row.get(wrong)!r} and must be {expected[wrong]!r}")

    def _checkpoint(self, row: Row) -> None:
        """Every row that it vouches for was stored before it (a power cut may take it away again)."""
        partition, end = row["partition"], row["next_offset"]
        missing = [offset for offset in range(end) if (partition, offset) not in self._ever]
        if missing:
            raise Violation(
                f"partition {partition}: a checkpoint at {end} passes the journal, which lacks {missing[0]}"
            )
        if row["rows"] and row["total_rows"] != end:
            raise Violation(f"partition {partition}: a checkpoint at {end} counts {row['total_rows']} rows")

    def finish(self, storage: Storage) -> None:
        """Look at the end, when every record was read and every insert was done."""
        absent = self._history.rows.keys() - storage.journal.keys()
        if absent:
            raise Violation(f"the journal lacks {len(absent)} rows, among them (partition, offset) {min(absent)}")
        dead = {place for place, row in self._history.rows.items() if row["outcome"] == "dead"}
        if storage.dead_letters != dead:
            raise Violation(f"the dead letters are {sorted(storage.dead_letters)} and must be {sorted(dead)}")
        for kind in KEYS:
            self._kept(kind, storage)
        for partition, end in self._history.ends.items():
            standing = [one for place, one in storage.checkpoints.items() if place[0] == partition and one["rows"]]
            reached = max((one["next_offset"] for one in standing), default=0)
            if reached != end:
                raise Violation(f"partition {partition}: the newest checkpoint is at {reached}, the log ends at {end}")

    def _kept(self, kind: Kind, storage: Storage) -> None:
        """Of each wallet or order the row of its last accepted event is kept."""
        expected: dict[tuple[str, ...], int] = {}
        for (_, offset), row in sorted(self._history.rows.items()):
            if row["outcome"] == "accepted" and (kind == "wallet" or row["order_id"]):
                expected[tuple(row[name] for name in KEYS[kind])] = offset
        found = {key: row["version"] for key, row in storage.last[kind].items()}
        if found != expected:
            key = next(key for key in expected.keys() | found.keys() if found.get(key) != expected.get(key))
            raise Violation(f"{kind} {key} is kept as of {found.get(key)} and must be as of {expected.get(key)}")
