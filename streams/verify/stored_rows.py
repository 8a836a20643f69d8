"""Rows of the warehouse for comparison: as sums by window, and where these differ as they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from dompet.projections.columns import Kind
from dompet.streams.proof.fingerprint import JOURNAL, Fingerprint, Stored, Sums
from dompet.streams.verify.expected import WINDOW, default
from dompet.streams.warehouse.client import WarehouseClient

Spans = Mapping[int, tuple[int, int]]
"""By partition: the first offset that is compared, and the one after the last."""

_KEYS_AT_ONCE: Final = 1_000
_ROWS_AT_ONCE: Final = 1_000_000
"""A question costs a tenth of a second whatever it finds: partitions that hold little are asked together."""

_BLOCK_BYTES: Final = 16_000_000
"""By itself the engine works on a megabyte at a time. Of rows as wide as the journal's that is so few that calling the
sums' two hundred functions for each block cost a third of all.
"""


def stored_sums(ask: WarehouseClient, stored: Stored, spans: Spans, seed: int, final: bool = True) -> Sums:
    """The sums of a table's rows within the spans. The journal is asked by partitions, for it lies that way, and on one
    thread: meanwhile the log is folded. Not `final`, a row that a retried insert wrote twice counts twice, and the
    answer takes a quarter less.
    """
    sums = Sums({})
    which = " FINAL" if final else ""
    threads = ", max_threads = 1" if stored is JOURNAL else ""
    for some in _by_partitions(spans) if stored is JOURNAL else [dict(spans)]:
        where = _within(stored, some)
        longest = dict.fromkeys(stored.texts, 0)
        lengths = ", ".join(f"max(length({name})) AS longest_{at}" for at, name in enumerate(stored.texts))
        [row] = ask.read(f"SELECT {lengths} FROM {stored.name} WHERE {where}").to_pylist()  # noqa: S608
        longest.update(zip(stored.texts, row.values(), strict=True))
        number = Fingerprint(stored.columns, seed).sql(longest)
        found = ask.read(
            f"SELECT partition, intDiv({stored.place}, {WINDOW}) AS part, count() AS size, sum({number}) AS total"  # noqa: S608
            f" FROM {stored.name}{which} WHERE {where} GROUP BY partition, part"
            f" SETTINGS preferred_block_size_bytes = {_BLOCK_BYTES}{threads}"
        )
        for row in found.to_pylist():
            sums.found[row["partition"], row["part"]] = row["size"], row["total"]
    return sums


def _by_partitions(spans: Spans) -> list[dict[int, tuple[int, int]]]:
    """The spans, as many partitions together as hold so many rows at most."""
    groups: list[dict[int, tuple[int, int]]] = []
    room = 0
    for partition, (begin, end) in spans.items():
        if not groups or end - begin > room:
            groups.append({})
            room = _ROWS_AT_ONCE
        groups[-1][partition] = (begin, end)
        room -= end - begin
    return groups


def strays(
    ask: WarehouseClient, stored: Stored, log_ends: Mapping[int, int], partitions: Iterable[int] | None
) -> list[tuple[int, int]]:
    """Places of rows where the log has no record: the first of each partition, or of some. What a newer version
    replaced is looked past, which takes long, only where there is anything.
    """
    inside = " OR ".join(
        f"(partition = {p} AND {stored.place} >= 0 AND {stored.place} < {end})" for p, end in log_ends.items()
    )
    among = "1" if partitions is None else f"partition IN ({', '.join(map(str, partitions))})"
    for which in ("", " FINAL"):
        found = ask.read(
            f"SELECT partition, min({stored.place}) AS first FROM {stored.name}{which}"  # noqa: S608
            f" WHERE NOT ({inside}) AND {among} GROUP BY partition ORDER BY partition"
        )
        if not found.num_rows:
            break
    return [(row["partition"], row["first"]) for row in found.to_pylist()]


def rows_within(ask: WarehouseClient, stored: Stored, spans: Spans) -> list[dict[str, Any]]:
    """The rows as they are, in the order of their places."""
    return _read(ask, stored, f"{_within(stored, spans)} ORDER BY partition, {stored.place}")


def rows_of_keys(ask: WarehouseClient, stored: Stored, keys: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """The rows of these keys, wherever they are."""
    found: list[dict[str, Any]] = []
    for begin in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[begin : begin + _KEYS_AT_ONCE]
        named = ", ".join(stored.keys)
        bound = tuple(key if len(key) > 1 else key[0] for key in some)
        found += _read(ask, stored, f"({named}) IN %(keys)s", {"keys": bound})
    return found


def as_rows(stored: Stored, tables: Iterable[pa.Table]) -> list[dict[str, Any]]:
    """Rows that the log makes, every column of each: those that a batch leaves out are at their default."""
    rows = []
    for table in tables:
        columns = {
            name: _plain(table[name]) if name in table.column_names else [default(kind)] * table.num_rows
            for name, kind in stored.columns.items()
        }
        rows += [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return rows


def key_of(stored: Stored, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What identifies a row."""
    return tuple(row[name] for name in stored.keys)


def _plain(column: pa.ChunkedArray) -> list[Any]:
    return list(column.to_pylist())


def _read(
    ask: WarehouseClient, stored: Stored, rest: str, params: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Rows by a condition. Texts come in hexadecimal: what somebody put there need not be UTF-8."""
    columns = ", ".join(
        f"{f'hex({name})' if name in stored.texts else name} AS column_{at}" for at, name in enumerate(stored.columns)
    )
    table = ask.read(f"SELECT {columns} FROM {stored.name} FINAL WHERE {rest}", params)  # noqa: S608
    table = table.rename_columns(list(stored.columns))
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        for name, kind in stored.columns.items():
            if kind in (Kind.STRING, Kind.CATEGORY):
                row[name] = bytes.fromhex(row[name]).decode("utf-8", "backslashreplace")
    return rows


def _within(stored: Stored, spans: Spans) -> str:
    """The condition that a row lies within the spans."""
    each = (
        f"(partition = {partition} AND {stored.place} >= {begin} AND {stored.place} < {end})"
        for partition, (begin, end) in spans.items()
    )
    return f"({' OR '.join(each)})"
