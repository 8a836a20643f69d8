"""How late each publisher reports, from all of its lateness: quantiles are those of every event, so no sums will do.

Four bytes an event: the seconds of a century fit 32 bits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dompet.streams.answers.cubes import Cube, only
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.sent import LATE
from dompet.streams.warehouse.narrowed import narrowed

Values = npt.NDArray[np.uint32]
_FIGURES: Final = ("events", "late_median", "late_ninetieth", "late_longest")
_QUANTILES: Final = (0.5, 0.9)


@dataclass(frozen=True)
class Lates(Cube):
    """A row for each publisher: its figures, and in `late` all values that they are of."""

    def added(self, known: pa.Table | None, found: pa.Table) -> pa.Table:
        """What is known with what was found, and the figures of both together."""
        values = {} if known is None else dict(zip(known["publisher_id"].to_pylist(), _arrays(known), strict=True))
        late = found["late"].cast(pa.uint32()).to_numpy()
        names = found["publisher_id"].combine_chunks().dictionary_encode()
        codes = names.indices.to_numpy()
        for code, name in enumerate(names.dictionary.to_pylist()):
            before = values.get(name, np.empty(0, np.uint32))
            values[name] = np.concatenate([before, late[codes == code]])
        return _table(values)


def _arrays(known: pa.Table) -> list[Values]:
    return [one.values.to_numpy() for one in known["late"].chunks]


def _table(values: Mapping[str, Values]) -> pa.Table:
    figures = [_figures(late) for late in values.values()]
    chunks = [
        pa.ListArray.from_arrays(pa.array([0, len(late)], pa.int32()), pa.array(late)) for late in values.values()
    ]
    return pa.table(
        {
            "publisher_id": pa.array(values, pa.string()),
            **{name: pa.array([row[at] for row in figures], pa.int64()) for at, name in enumerate(_FIGURES)},
            "late": pa.chunked_array(chunks, pa.list_(pa.uint32())),
        }
    )


def _figures(late: Values) -> list[int]:
    """As ClickHouse's quantileExact finds them: the value before which such a share of all values is."""
    places = [int(level * len(late)) for level in _QUANTILES]
    found = np.partition(late, places)
    return [len(late), *(int(found[place]) for place in places), int(late.max())]


def lateness_rows(table: pa.Table, filters: Filters) -> pa.Table:
    """The answer to LATENESS, of one publisher or of all."""
    return only(table.drop_columns(["late"]), publisher_id=filters.publisher)


LATES: Final = Lates(
    "lateness",
    ("publisher_id", "late"),
    lambda of: (
        f"SELECT publisher_id, {LATE} AS late\nFROM {narrowed('timeline', {'journal_rows': of}) if of else 'timeline'}"
    ),
    {},
    step=400_000,  # for each it asks for a row: that takes memory, and pages are given a million at most
    rows_most=12_000_000,
)
