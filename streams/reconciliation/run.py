"""A reconciliation from its files to the stored run: both sides go into buckets, which are matched one by one."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from dompet.streams.parsing.texts import shown
from dompet.streams.parsing.unpacked import text_bytes
from dompet.streams.reconciliation import ours
from dompet.streams.reconciliation.buckets import Buckets
from dompet.streams.reconciliation.differences import differences
from dompet.streams.reconciliation.ids import trimmed
from dompet.streams.reconciliation.mapping import MappingError
from dompet.streams.reconciliation.matching import Matches, Status, match
from dompet.streams.reconciliation.model import Run
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.reconciliation.stored import line_rows, run_row
from dompet.streams.reconciliation.three_way import ThreeWay
from dompet.streams.settlement.lines import Upto, known
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.warehouse.known import need_known, rows_of

_BYTES_A_LINE = 32
_THEIRS = pa.schema(
    [
        ("order_id", pa.string()),
        ("beneficiary_id", pa.string()),
        ("amount", pa.int64()),
        ("refund", pa.bool_()),
        ("line", pa.int64()),
    ]
)


def reconcile(
    client: WarehouseClient, run: Run, now_us: int, report: Callable[[pa.Table], None] = lambda lines: None
) -> None:
    """Match, and store the run and its lines. BadLine where a file has one, Unknown where nothing names the platform;
    nothing is stored then. `report` is given the lines that differ, as columns, in parts.
    """
    need_known(rows_of(client), "platform", run.platform)
    upto, digest = known(client), _digest(run.statement.path)
    by_person = run.mapping.statement.beneficiary_id is not None
    if run.redemptions or run.bank:
        layouts = [run.mapping.statement] + [run.layout(role) for role in ("redemptions", "bank") if getattr(run, role)]
        if len({layout.trim for layout in layouts}) > 1:
            raise MappingError("trim must be the same for all files: our ids are compared with those of each")
        run.three_way = ThreeWay(all(layout.beneficiary_id is not None for layout in layouts))
    with Buckets(_expected(client, run)) as buckets:
        _fill(client, run, upto, buckets)
        for number in range(buckets.count):
            theirs = buckets.read("theirs", number, _THEIRS)
            mine = buckets.read("ours", number, ours.SCHEMA)
            matches = match(theirs, mine, by_person=by_person, add_up=run.mapping.statement.add_up)
            _count(run, matches, theirs, mine)
            client.insert("reconciliation_line_rows", line_rows(run.run_id, matches, theirs, mine))
            if (matches.status != Status.MATCHED).any():
                report(differences(matches, theirs, mine))
            if run.three_way:
                paid = buckets.read("bank", number, _THEIRS) if run.bank else theirs
                run.three_way.add(mine, buckets.read("taken", number, _THEIRS), paid)
    client.insert("reconciliation_rows", pa.Table.from_pylist([run_row(run, upto, digest, now_us)]))


def _expected(client: WarehouseClient, run: Run) -> int:
    return text_bytes(run.statement.path) // _BYTES_A_LINE + ours.how_many(client, run.platform, run.period)


def _fill(client: WarehouseClient, run: Run, upto: Upto, buckets: Buckets) -> None:
    """All files before the journal: a bad line is reported at once."""
    for side, blocks in _files(run):
        for block in blocks:
            buckets.add(side, block)
    for lines in ours.our_lines(client, run.platform, run.period, upto, run.mapping.statement.amount_is):
        buckets.add("ours", _as_matched(run, lines))
    if run.three_way and not run.redemptions:
        for some in ours.taken(client, run.platform, run.period, buckets.count):
            buckets.add("taken", _as_matched(run, some))


def _as_matched(run: Run, rows: pa.Table) -> pa.Table:
    """Rows of ours with their ids as they are compared."""
    if run.mapping.statement.trim:
        return trimmed(rows)
    for name in ("order_id", "beneficiary_id"):
        run.our_ids.look(rows[name].combine_chunks(), lambda at: f"of {shown(rows['beneficiary_id'][at].as_py())}")
    return rows


def _files(run: Run) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    sides = [("theirs", run.statement)]
    for side, role, path in (("taken", "redemptions", run.redemptions), ("bank", "bank", run.bank)):
        if path:
            sides.append((side, StatementFile(path, run.layout(role), run.period)))
    run.files = [file for _, file in sides]
    yield from ((side, file.blocks()) for side, file in sides)


def _count(run: Run, matches: Matches, theirs: pa.Table, mine: pa.Table) -> None:
    their_amount, our_amount = theirs["amount"].to_numpy(), mine["amount"].to_numpy()
    for status, sums in run.sums.items():
        chosen = matches.status == status
        their, our = matches.theirs[chosen], matches.ours[chosen]
        sums.add(their_amount[their[their >= 0]], our_amount[our[our >= 0]])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
