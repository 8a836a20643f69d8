"""The second case: one busy person with very many events, which no two can be folded side by side.

Run it as `python -m tests.bench.one_person` for the offline half: bytes to journal rows, without Kafka or a warehouse.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from dompet.projections.fold import Fold
from dompet.projections.journal import journal_rows
from dompet.schemas.decode import decode
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.rules import read_rules
from dompet.schemas.wire import encode_fields

EVENTS = 50_000
_PERSON = "b-00c0ffee0001"
_BEGIN_US = 1_590_000_000_000_000
_RUNS = 3


def events(count: int = EVENTS) -> Iterator[tuple[str, dict[str, Any]]]:
    """A credit, then course after course, each bought and then completed or refunded, in turn; all are accepted."""
    for place in range(count):
        type_name, own = _event(place - 1) if place else ("SaldoCredited", _credit())
        fields = {"event_id": f"e-{place:010d}", "beneficiary_id": _PERSON, "occurred_at": _BEGIN_US + place}
        yield type_name, {"publisher_id": own.get("platform_id", "programme")} | fields | own


def _credit() -> dict[str, Any]:
    return {"credit_id": "saldo-2020-1-00000001", "decree": "SK 1/2020", "wave": 1, "amount": 10**12}


def _event(place: int) -> tuple[str, dict[str, Any]]:
    order = {"platform_id": "tokopedia", "order_id": f"TP-200521-{place // 2:08d}"}
    if place % 2 == 0:
        course = {"course_id": "kursus-0001", "institution_id": "lembaga-001"}
        return "CoursePurchased", order | course | {"price": 150_000, "commission": 15_000}
    if place % 4 == 1:
        return "CourseCompleted", order | {"certificate_id": f"kursus-0001/{place:010d}", "score": 90}
    return "PurchaseRefunded", order | {"amount": 150_000, "reason": "salah pilih kelas"}


def offline(count: int = EVENTS) -> dict[str, Any]:
    """The median of a few runs through decode, fold and journal, as one batch, each with a fold of its own."""
    some = list(events(count))
    keys: list[bytes | None] = [fields["beneficiary_id"].encode() for _, fields in some]
    values: list[bytes | None] = [encode_fields(type_name, fields) for type_name, fields in some]
    places = np.arange(count, dtype=np.int64)
    batch = Records(
        np.zeros(count, dtype=np.int32),
        places,
        places + _BEGIN_US,
        RawColumn.of(keys),
        RawColumn.of(values),
        partition_count=1,
    )
    seconds = []
    for _ in range(_RUNS):
        fold = Fold(read_rules())
        began = time.perf_counter()
        decoded = decode(batch)
        result = fold.apply(decoded)
        journal_rows(decoded, result, fold.state, fold.laws)
        seconds.append(time.perf_counter() - began)
    return {"events": count, "seconds": statistics.median(seconds), "orders": fold.state.orders.count}


if __name__ == "__main__":
    print(json.dumps(offline(int(sys.argv[1]) if sys.argv[1:] else EVENTS)))
