"""Sums from which answers under any of their filters are added up: asked once for all readers, not for each of them.

Most of them are sums over records of the log, of which none ever changes: what came since is added to what was known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.question import Question

_KINDS: Final = {"ordered_us": Kind.NUMBER, "late": Kind.NUMBER}


@dataclass(frozen=True)
class Cube:
    """`answer` has its columns, their types, and the query, in which `of` is what is read of the log's records: all of
    them where it is empty. `combined` says how values of one key become one: by the column, sum, min or max; all other
    columns are the key. `grows`: whether it is a sum over records of the log.
    """

    name: str
    columns: tuple[str, ...]
    sql: Callable[[str], str]
    combined: Mapping[str, str]
    grows: bool = True
    of_catalogue: bool = False
    """Whether it depends on the catalogue, too: where that changes, it is built from the start."""
    step: int = 2_000_000
    """Records that one query goes through at most."""
    rows_most: int = 0
    """Beyond how many records of the log it takes too much memory, and its questions are asked; 0: never."""

    @property
    def keys(self) -> list[str]:
        """The columns that together name a row."""
        return [name for name in self.columns if name not in self.combined]

    def typed(self, found: pa.Table) -> pa.Table:
        """What a warehouse answered, with the cube's own types."""
        return Question(self.name, "", self.columns, lambda _: "", kinds=_KINDS).typed(found)

    def added(self, known: pa.Table | None, found: pa.Table) -> pa.Table:
        """What is known with what was found, each key once."""
        return found if known is None else summed(pa.concat_tables([known, found]), self.keys, self.combined)


def summed(table: pa.Table, keys: Sequence[str], combined: Mapping[str, str]) -> pa.Table:
    """A row for each key, the others combined. Without keys it is one row, of zeros where there was none."""
    if not keys and not table.num_rows:
        return pa.table({name: pa.array([0], table.schema.field(name).type) for name in combined})
    found = table.group_by(list(keys), use_threads=False).aggregate(list(combined.items()))
    return pa.table({name: found[name if name in keys else f"{name}_{combined[name]}"] for name in (*keys, *combined)})


def only(table: pa.Table, **values: str | int | None) -> pa.Table:
    """The rows of which these columns have these values; None is any."""
    for name, value in values.items():
        if value is not None:
            table = table.filter(pc.equal(table[name], pa.scalar(value, table.schema.field(name).type)))
    return table


def sums_of(*names: str) -> dict[str, str]:
    """How columns that are sums are combined."""
    return dict.fromkeys(names, "sum")
