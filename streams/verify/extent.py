"""How far each partition of the log is compared."""

import time
from collections.abc import Iterable, Mapping
from typing import Final

from dompet.streams.kafka.holes import first_records
from dompet.streams.proof.live import LiveState
from dompet.streams.verify.checkpoint_check import Vouched, stored_checkpoints
from dompet.streams.verify.difference import Difference
from dompet.streams.verify.refold import Log
from dompet.streams.verify.report import Report
from dompet.streams.warehouse.client import WarehouseClient

_STORED_LIMIT_S: Final = 30.0
_POLL_S: Final = 0.2


def compared_ends(
    ask: WarehouseClient,
    log: Log,
    partitions: Iterable[int],
    limit: int | None,
    vouched: Iterable[Vouched],
    live: Mapping[int, LiveState],
    report: Report,
) -> dict[int, int]:
    """By partition, the offset up to which it is compared: where its worker is once that is stored, else its
    checkpoint, and no further than `limit`. What lies beyond is reported.
    """
    stored = _newest(vouched)
    wanted = {partition: live[partition].next_offset for partition in live}
    deadline = time.monotonic() + _STORED_LIMIT_S
    while any(stored.get(p, 0) < at for p, at in wanted.items()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        stored = _newest(stored_checkpoints(ask, tuple(wanted)))
    ends: dict[int, int] = {}
    behind: dict[int, tuple[int, int]] = {}
    for partition in partitions:
        end = min(wanted.get(partition, stored.get(partition, 0)), stored.get(partition, 0))
        log_end = log.offsets[partition][1]
        if end > log_end:
            says = f"the checkpoint says {end}, but the log ends at {log_end}: it was cut, or is another one"
            report.differences.append(Difference(partition, log_end, "checkpoints", says))
        if log_end > end and partition not in live:
            behind[partition] = end, log_end
        ends[partition] = min(end, log_end, log_end if limit is None else limit)
    for partition, first in first_records(log.kafka, log.topic, behind).items():
        left = behind[partition][1] - first
        report.left_out.append(f"partition {partition}: the log goes on for {left} records more")
    return ends


def _newest(vouched: Iterable[Vouched]) -> dict[int, int]:
    newest: dict[int, int] = {}
    for one in vouched:
        newest[one.partition] = max(newest.get(one.partition, 0), one.next_offset)
    return newest
