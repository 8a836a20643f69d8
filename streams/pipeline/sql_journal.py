"""The stored journal, asked in SQL."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Literal

import pyarrow as pa

from dompet.projections.columns import LATEST
from dompet.projections.digest import row_digest_sql
from dompet.projections.load import REFERENCE_IDS
from dompet.projections.result import MONEY
from dompet.schemas.contracts import type_codes
from dompet.streams.pipeline.checkpoints import Checkpoint
from dompet.streams.pipeline.stored_journal import KEYS, Digest, Kind, Tally
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.migrate import filling
from dompet.streams.warehouse.texts import text_rows

_ACCEPTED: Final[Mapping[Kind, str]] = {
    "wallet": "outcome = 'accepted'",
    "order": "outcome = 'accepted' AND order_id != ''",
}
_STEP: Final = (
    "outcome = 'accepted' AND platform_id != ''"
    " AND (type != 'AttendanceRecorded' OR (present = 1 AND bitAnd(order_attended, order_attended - 1) = 0))"
)
"""What `step_feed` takes over."""
_PLACES_AT_ONCE: Final = 10_000
"""The oldest servers take a query of 256 KiB and 50,000 elements."""

_TYPE_CODE: Final = f"""multiIf({", ".join(f"type = '{name}', {type_codes()[name]}" for name in REFERENCE_IDS)}, 0)"""
_REFERENCE_ID: Final = (
    f"""multiIf({", ".join(f"type = '{name}', {column}" for name, column in REFERENCE_IDS.items())}, '')"""
)


class SqlJournal:
    """The journal in a warehouse: see `StoredJournal`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def server_start(self) -> int:
        sql = "SELECT toInt64(toUnixTimestamp(now())) - toInt64(uptime()) AS began"
        return int(self._warehouse.read(sql).to_pylist()[0]["began"])

    def makers(self) -> list[Mapping[str, Any]]:
        names = "cluster_id, topic, partition_count, rules_digest, fold_version"
        rows: list[Mapping[str, Any]] = []
        rows += text_rows(self._warehouse, f"SELECT {names} FROM checkpoint_rows GROUP BY {names}")  # noqa: S608
        return rows

    def credit_since(self, digest: str, begins_us: int) -> tuple[int, int] | None:
        folded = self._warehouse.read(
            "SELECT partition, max(next_offset) AS next_offset FROM checkpoint_rows FINAL"
            " WHERE rows > 0 AND rules_digest = %(digest)s GROUP BY partition",
            {"digest": digest},
        ).to_pylist()
        if not folded:
            return None
        found = self._warehouse.read(
            "SELECT partition, offset FROM journal_rows WHERE type = 'SaldoCredited'"  # noqa: S608
            f" AND {_where({one['partition']: one['next_offset'] for one in folded})}"
            " AND occurred_at_us >= %(begins_us)s ORDER BY partition, offset LIMIT 1",
            {"begins_us": begins_us},
        ).to_pylist()
        return (found[0]["partition"], found[0]["offset"]) if found else None

    def newest_checkpoints(self, partitions: Collection[int]) -> list[Checkpoint]:
        names = ", ".join(Checkpoint.__dataclass_fields__)
        rows = self._warehouse.read(
            f"SELECT {names} FROM checkpoint_rows FINAL WHERE rows > 0 AND partition IN %(partitions)s"  # noqa: S608
            " ORDER BY partition, next_offset DESC LIMIT 1 BY partition",
            {"partitions": tuple(partitions)},
        )
        return [Checkpoint(**row) for row in rows.to_pylist()]

    def void(self, checkpoint: Checkpoint) -> None:
        row = self._warehouse.read(
            "SELECT * FROM checkpoint_rows FINAL WHERE partition = %(partition)s AND next_offset = %(next)s",
            {"partition": checkpoint.partition, "next": checkpoint.next_offset},
        )
        place = row.column_names.index("rows")
        self._warehouse.insert("checkpoint_rows", row.set_column(place, "rows", pa.array([0] * len(row), pa.int64())))

    def newest_recorded_us(self, partitions: Collection[int]) -> int:
        if not partitions:
            return 0
        [row] = self._warehouse.read(
            "SELECT max(recorded_at_us) AS newest FROM checkpoint_rows FINAL"
            " WHERE rows > 0 AND partition IN %(partitions)s",
            {"partitions": tuple(partitions)},
        ).to_pylist()
        return int(row["newest"])

    def tallies(self, below: Mapping[int, int]) -> dict[int, Tally]:
        sums = ", ".join(f"sum({name}_change) AS {name}" for name in MONEY)
        rows = self._warehouse.read(
            f"SELECT partition, count() AS rows, {sums} FROM journal_rows FINAL"  # noqa: S608
            f" WHERE {_where(below)} GROUP BY partition"
        ).to_pylist()
        # Asked apart, for older servers merge names by FINAL at three times the cost of all the numbers.
        found = self._warehouse.read(
            f"SELECT partition, count() AS steps FROM journal_rows FINAL PREWHERE {_STEP}"  # noqa: S608
            f" WHERE {_where(below)} GROUP BY partition"
        ).to_pylist()
        steps = {row["partition"]: row["steps"] for row in found}
        return {
            row["partition"]: Tally(row["rows"], steps.get(row["partition"], 0), {name: row[name] for name in MONEY})
            for row in rows
        }

    def digests(self, checkpoints: Iterable[Checkpoint]) -> dict[int, Digest]:
        last = " OR ".join(
            f"(partition = {one.partition} AND offset >= {one.first_offset} AND offset < {one.next_offset})"
            for one in checkpoints
        )
        # A row that was written twice counts once, and one that was changed counts twice, as no batch does.
        rows = self._warehouse.read(
            "SELECT partition, count() AS rows, sum(of_row) AS digest FROM"  # noqa: S608
            f" (SELECT DISTINCT partition, offset, {row_digest_sql()} AS of_row FROM journal_rows PREWHERE {last})"
            " GROUP BY partition"
        )
        return {row["partition"]: Digest(row["rows"], row["digest"]) for row in rows.to_pylist()}

    def last_places(self, kind: Kind, below: Mapping[int, int]) -> pa.Table:
        # Columns get their names only here: an alias like a column's name would stand for the aggregate in the
        # conditions, too. A key's rows all lie in one partition.
        return self._warehouse.read(
            f"SELECT any(partition), max(offset) FROM journal_rows WHERE {_ACCEPTED[kind]} AND {_where(below)}"  # noqa: S608
            f" GROUP BY {', '.join(KEYS[kind])}"
        ).rename_columns(["partition", "offset"])

    def latest(self, kind: Kind, partitions: Collection[int]) -> pa.Table:
        return self._warehouse.read(
            f"SELECT {', '.join(LATEST[f'{kind}_rows'])} FROM {kind}_rows FINAL"  # noqa: S608
            " WHERE partition IN %(partitions)s",
            {"partitions": tuple(partitions)},
        )

    def rows_at(self, kind: Kind, places: Iterable[tuple[int, int]]) -> pa.Table:
        columns = LATEST[f"{kind}_rows"]
        ordered = sorted(places)  # those of one query lie side by side, so that all of them read the journal once
        found = [
            self._warehouse.read(
                f"SELECT {', '.join(columns.values())} FROM journal_rows"  # noqa: S608
                f" PREWHERE {_at(ordered[begin : begin + _PLACES_AT_ONCE])} LIMIT 1 BY partition, offset"
            )
            for begin in range(0, len(ordered), _PLACES_AT_ONCE)
        ]
        return pa.concat_tables(found, promote_options="permissive").rename_columns(list(columns))

    def references(self, below: Mapping[int, int]) -> pa.Table:
        types = ", ".join(f"'{name}'" for name in REFERENCE_IDS)
        return self._warehouse.read(
            f"SELECT partition, offset, {_TYPE_CODE} AS type_code, beneficiary_id, {_REFERENCE_ID} AS id,"  # noqa: S608
            f" clawback_id, amount FROM journal_rows WHERE outcome = 'accepted' AND type IN ({types})"
            f" AND {_where(below)}"
        )

    def steps(self, below: Mapping[int, int]) -> int:
        [row] = self._warehouse.read(
            f"SELECT count() AS n FROM step_rows FINAL WHERE {_where(below)}"  # noqa: S608
        ).to_pylist()
        return int(row["n"])

    def refill(self, table: Literal["wallet_rows", "order_rows", "step_rows"]) -> None:
        if table == "step_rows":
            self._warehouse.execute(filling(table))
            return
        kind: Kind = "wallet" if table == "wallet_rows" else "order"
        sources = {
            name: source for name, source in LATEST[table].items() if name not in (*KEYS[kind], "partition", "version")
        }
        keys, latest = ", ".join(KEYS[kind]), ", ".join(f"argMax({source}, offset)" for source in sources.values())
        self._warehouse.execute(
            f"INSERT INTO {table} ({keys}, partition, version, {', '.join(sources)})"  # noqa: S608
            f" SELECT {keys}, any(partition), max(offset), {latest} FROM journal_rows"
            f" WHERE {_ACCEPTED[kind]} GROUP BY {keys}"
        )


def _where(below: Mapping[int, int]) -> str:
    """The condition that a row lies below its partition's offset: one look at each row, however many partitions."""
    partitions, offsets = (", ".join(f"toInt64({one})" for one in ones) for ones in (below, below.values()))
    return (
        f"partition IN ({', '.join(map(str, below))})"
        f" AND offset < transform(toInt64(partition), [{partitions}], [{offsets}], toInt64(0))"
    )


def _at(places: Iterable[tuple[int, int]]) -> str:
    """The condition that a row is at one of these places, which are sorted."""
    return " OR ".join(_in_partition(partition, ones) for partition, ones in groupby(places, itemgetter(0)))


def _in_partition(partition: int, places: Iterator[tuple[int, int]]) -> str:
    return f"(partition = {partition} AND offset IN ({', '.join(str(offset) for _, offset in places)}))"
