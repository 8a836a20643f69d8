"""The rows of a reconciliation as the warehouse stores them."""

from typing import Any

import numpy as np
import pyarrow as pa

from dompet.streams.reconciliation.matching import NAMES, Matches, Status
from dompet.streams.reconciliation.model import Run
from dompet.streams.settlement.lines import Upto


def line_rows(run_id: str, matches: Matches, theirs: pa.Table, mine: pa.Table) -> pa.Table:
    """A row of `reconciliation_line_rows` for each line of a result."""
    their, our = (pa.array(rows, mask=rows < 0) for rows in (matches.theirs, matches.ours))
    theirs, mine = theirs.take(their), mine.take(our)
    order_id = pa.compute.coalesce(mine["order_id"], theirs["order_id"])
    person = pa.compute.coalesce(mine["beneficiary_id"], theirs["beneficiary_id"])
    many = len(matches.status)
    return pa.table(
        {
            "run_id": pa.DictionaryArray.from_arrays(pa.array(np.zeros(many, dtype=np.int32)), [run_id]),
            "status": pa.DictionaryArray.from_arrays(pa.array(matches.status.astype(np.int32)), list(NAMES)),
            "line": theirs["line"].fill_null(0),
            "order_id": order_id,
            "beneficiary_id": person,
            "their_amount": theirs["amount"].fill_null(0),
            "our_amount": mine["amount"].fill_null(0),
            "partition": mine["partition"].fill_null(-1),
            "offset": mine["offset"].fill_null(-1),
        }
    )


def run_row(run: Run, upto: Upto, digest: str, now_us: int) -> dict[str, Any]:
    """The row of `reconciliation_rows`. `digest` is the statement's SHA-256 in hexadecimal."""
    total = run.total()
    first, last = run.period.numbers.values()
    counts = {
        name: max(run.sums[status].their_lines, run.sums[status].our_lines)
        for name, status in zip(NAMES, Status, strict=True)
    }
    return {
        "run_id": run.run_id,
        "at_us": now_us,
        "platform_id": run.platform,
        "from_day": first,
        "to_day": last,
        "file": run.statement.path.name,
        "file_sha256": digest,
        "upto": ",".join(map(str, upto)),
        **vars(total),
        "outside_lines": run.statement.outside.lines,
        "outside_amount": run.statement.outside.amount,
        **counts,
    }
