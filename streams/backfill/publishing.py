"""The second half of an import: its sorted events published, and what the log has of them remembered."""

from collections.abc import Callable
from typing import Final

from dompet.schemas.json_lines import read_fields
from dompet.streams.backfill.spool import Spool
from dompet.streams.publish import Publisher

CHUNK_EVENTS: Final = 5_000
"""So many at most are published twice where an import is cut and started again."""


def publish_spool(publisher: Publisher, spool: Spool, progress: Callable[[int, int], None]) -> int:
    """Publish the events that the log has not acknowledged yet, in order; how many.

    `progress` is told how many of all the log has. Raises DeliveryFailed; what was acknowledged before is remembered.
    """
    before = spool.acknowledged
    progress(before, spool.tally.total)
    while chunk := list(spool.lines(spool.acknowledged, CHUNK_EVENTS)):
        for _, line in chunk:
            publisher.publish_fields(*read_fields(line))
        publisher.flush()
        spool.acknowledge(chunk[-1][0])
        progress(spool.acknowledged, spool.tally.total)
    return spool.acknowledged - before
