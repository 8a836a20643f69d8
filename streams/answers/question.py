"""A question that pages, the API and downloads ask alike: its columns, its filters, its order and its SQL."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dompet.schemas.errors import DompetError
from dompet.streams.answers.by_keys import ROWS_MOST, ByKeys
from dompet.streams.answers.columns import KINDS, Kind
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.rows_behind import Rows
from dompet.streams.warehouse.base import bound

_ARROW: Final[dict[Kind, pa.DataType]] = {
    **dict.fromkeys((Kind.MONEY, Kind.COUNT, Kind.NUMBER, Kind.MINUTES, Kind.SECONDS), pa.int64()),
    Kind.MOMENT: pa.timestamp("us", "UTC"),
    Kind.DAY: pa.date32(),
    Kind.YES: pa.bool_(),
    Kind.WORDS: pa.list_(pa.string()),
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CursorError(DompetError):
    """A cursor is not one that an answer of this question gave."""


@dataclass(frozen=True)
class Question:
    """`takes` are the names of its filters; `order` the columns that its rows are sorted by, which together name one
    row, `-` before those that fall. `rows` says where the rows behind a column's figures are.
    """

    name: str
    says: str
    columns: tuple[str, ...]
    sql: Callable[[Filters], str]
    takes: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    rows: Mapping[str, Rows] = field(default_factory=dict)
    personal: bool = False
    """Whether its rows are of single persons."""
    needs: tuple[str, ...] = ()
    """The filters without which there is nothing to answer."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """What columns are that are otherwise something else by their name."""
    counted: Callable[[Filters], str] | None = None
    """A query with as many rows as `sql`, that takes less."""
    by_keys: ByKeys | None = None
    """How pages of a few rows are asked in two queries, where that takes less."""

    def kind(self, column: str) -> Kind:
        """What a column is."""
        return self.kinds.get(column) or KINDS[column]

    @property
    def schema(self) -> pa.Schema:
        """The types of its columns, whatever warehouse answers."""
        return pa.schema([(name, _ARROW.get(self.kind(name), pa.string())) for name in self.columns])

    def page_sql(self, filters: Filters, limit: int, after: Sequence[Any] | None = None) -> str:
        """The query for at most so many rows in the question's order, after the row that a cursor names."""
        return self._paged(self.columns, self.sql(filters), limit, after)

    def keys_sql(self, filters: Filters, limit: int, after: Sequence[Any] | None = None) -> str | None:
        """The query for the keys of these rows; None where `page_sql` takes no longer."""
        if self.by_keys is None or limit > ROWS_MOST or filters.person is not None:
            return None
        keys = self.by_keys.keys(filters)
        return self._paged(self._keys, keys, limit, after) if keys else None

    def rows_sql(self, keys: pa.Table) -> str | None:
        """The query for the rows of these keys, in the question's order; None where there are none."""
        if self.by_keys is None or not keys.num_rows:
            return None
        found = pa.table(
            {name: _cast(keys[name].combine_chunks(), self.schema.field(name).type) for name in self._keys}
        )
        return self._paged(self.columns, self.by_keys.rows(found.to_pylist()), keys.num_rows)

    @property
    def _keys(self) -> Sequence[str]:
        return [key.removeprefix("-") for key in self.order]

    def _paged(self, columns: Sequence[str], sql: str, limit: int, after: Sequence[Any] | None = None) -> str:
        keys = [(key.removeprefix("-"), key.startswith("-")) for key in self.order]
        where = f"\nWHERE {_after(keys, after)}" if after is not None else ""
        order = ", ".join(f"{name} DESC" if falls else name for name, falls in keys)
        inner = "\n".join(f"    {line}" for line in sql.strip().splitlines())
        return f"SELECT {', '.join(columns)}\nFROM\n(\n{inner}\n){where}\nORDER BY {order}\nLIMIT {limit}"

    def shown_sql(self, filters: Filters) -> str:
        """The query as people are shown it: by views alone, whatever makes it faster."""
        return self.sql(filters if "known_at" in self.takes else replace(filters, partitions=None)).strip()

    def count_sql(self, filters: Filters) -> str:
        """The query for how many rows there are in all."""
        counted = self.counted or self.sql
        return f"SELECT toInt64(count()) AS rows FROM ({counted(filters).strip()})"  # noqa: S608

    def typed(self, found: pa.Table) -> pa.Table:
        """What a warehouse answered, with the question's own columns and types."""
        if not found.num_rows:  # a result without rows may come without columns
            return self.schema.empty_table()
        columns = [_cast(found[one.name].combine_chunks(), one.type) for one in self.schema]
        return pa.table(columns, schema=self.schema)

    def first(self, rows: pa.Table, limit: int) -> pa.Table:
        """The first of its rows in its order, at most so many."""
        order = [(key.removeprefix("-"), "descending" if key.startswith("-") else "ascending") for key in self.order]
        return rows.select(self.columns).cast(self.schema).sort_by(order).slice(0, limit)

    def cursor(self, row: Mapping[str, Any]) -> str:
        """A text that names a row as the last one seen."""
        values = [_plain(row[key.removeprefix("-")]) for key in self.order]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def after(self, cursor: str) -> list[Any]:
        """The values of the row that a cursor names; CursorError where it names none."""
        try:
            values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, binascii.Error, UnicodeError, RecursionError):
            raise CursorError("the cursor is none that an answer gave") from None
        kinds = [str if _is_text(KINDS[key.removeprefix("-")]) else int for key in self.order]
        fits = isinstance(values, list) and [type(one) for one in values] == kinds
        if not fits or any(isinstance(one, int) and not -(1 << 63) <= one < 1 << 63 for one in values):
            raise CursorError("the cursor is none that an answer of this question gave")
        return list(values)


def _is_text(kind: Kind) -> bool:
    return kind not in _ARROW


def _plain(value: Any) -> Any:
    """A key as JSON has it: a moment as seconds, a day as its number."""
    if isinstance(value, datetime):
        return int((value - _EPOCH).total_seconds())
    return (value - _EPOCH.date()).days if isinstance(value, date) else int(value) if isinstance(value, bool) else value


def _literal(name: str, value: Any) -> str:
    kind = KINDS[name]
    if kind is Kind.MOMENT:
        return bound("toDateTime(%(value)s, 'UTC')", {"value": min(max(value, 0), (1 << 32) - 1)})
    if kind is Kind.DAY:
        return bound("toDate(toUInt16(%(value)s))", {"value": min(max(value, 0), (1 << 16) - 1)})
    return bound("%(value)s", {"value": value})


def _after(keys: Sequence[tuple[str, bool]], values: Sequence[Any]) -> str:
    """The rows after one, in an order of several columns: the first differs, or it is equal and the rest is after."""
    (name, falls), value = keys[0], _literal(keys[0][0], values[0])
    beyond = f"{name} {'<' if falls else '>'} {value}"
    return f"({beyond} OR ({name} = {value} AND {_after(keys[1:], values[1:])}))" if len(keys) > 1 else beyond


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_boolean(kind):  # which the views say in words
        return pc.equal(column.cast(pa.string()), "yes")
    if pa.types.is_timestamp(kind) and pa.types.is_integer(column.type):
        return column.cast(pa.int64()).cast(pa.timestamp("s", "UTC")).cast(kind)
    if pa.types.is_date(kind) and pa.types.is_integer(column.type):
        return column.cast(pa.int32()).cast(kind)
    if pa.types.is_timestamp(kind) and column.type.tz is None:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    return column.cast(kind)
