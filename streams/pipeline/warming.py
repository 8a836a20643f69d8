"""Before a worker joins its group it loads its compiled loops, so that no batch and no rebalance waits for them."""

import logging
import time
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from dompet.projections.fold import Fold
from dompet.projections.journal import journal_rows
from dompet.schemas.decode import decode
from dompet.schemas.json_lines import read_fields
from dompet.schemas.limits import TIME_US_MIN
from dompet.schemas.partitions import partitions_of
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.rules import read_rules
from dompet.schemas.wire import encode_fields
from dompet.streams.kafka import messages
from dompet.streams.warehouse.native import native_block
from dompet.streams.warehouse.rows import arrow_table, latest_tables

log = logging.getLogger("dompet")

_PARTITIONS: Final = 12
_WORTH_REPORTING_S: Final = 3.0


@cache
def warm_up() -> None:
    """Decode and fold the contracts' own examples, and forget the result; once in a process. The first time on a
    machine this compiles the loops, which takes some seconds; they are kept on disk for every later start.
    """
    began = time.monotonic()
    messages.warm_up()
    decoded = decode(_examples())
    fold = Fold(read_rules())
    result = fold.apply(decoded)
    journal = arrow_table(journal_rows(decoded, result, fold.state, fold.laws))
    for table in (journal, *latest_tables(journal, result).values()):
        native_block(table)
    took_s = time.monotonic() - began
    if took_s > _WORTH_REPORTING_S:
        log.info("compiled what decodes and folds, in %.0f s; the next start finds it on disk", took_s)


def _examples() -> Records:
    """Valid events of every type, a row a record."""
    events: list[tuple[str, dict[str, Any]]] = []
    for file in (files("dompet.schemas") / "examples" / "valid").iterdir():
        events.extend(read_fields(line) for line in file.read_text("utf-8").splitlines())
    keys = RawColumn.of([fields["beneficiary_id"].encode() for _, fields in events])
    values = RawColumn.of([encode_fields(name, fields) for name, fields in events])
    number = np.arange(len(events), dtype=np.int64)
    partition = partitions_of(keys.strings, _PARTITIONS).astype(np.int32)
    return Records(partition, number, number + TIME_US_MIN, keys, values, _PARTITIONS)
