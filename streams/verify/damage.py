"""What the log does not give any more, though the journal has a record there."""

from collections.abc import Mapping

import numpy as np

from dompet.schemas.records import Records
from dompet.streams.verify.difference import Difference
from dompet.streams.warehouse.client import WarehouseClient


def damages(ask: WarehouseClient, records: Records, ends: Mapping[int, int]) -> list[Difference]:
    """Of each partition the first offset below its end that cannot be read and is no dead letter in the journal."""
    rows = np.fromiter(records.unreadable, dtype=np.int64)
    found = []
    for partition in np.unique(records.partition[rows]).tolist():
        mine = rows[(records.partition[rows] == partition) & (records.offset[rows] < ends.get(partition, 0))]
        if not len(mine):
            continue
        span = int(records.offset[mine].min()), int(records.offset[mine].max())
        [row] = ask.read(
            "SELECT count() AS others, min(offset) AS first FROM journal_rows FINAL"  # noqa: S608
            f" PREWHERE partition = {partition} AND offset >= {span[0]} AND offset <= {span[1]} AND outcome != 'dead'"
        ).to_pylist()
        if row["others"]:
            says = f"the log is damaged, and no longer gives the record here: {records.unreadable[int(mine[0])]}"
            found.append(Difference(partition, row["first"], "log", says))
    return found
