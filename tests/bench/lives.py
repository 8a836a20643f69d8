"""Events of very many people, made quickly: a template of each event, with the ids of one person put in."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from dompet.schemas.records import RawColumn, Records
from dompet.schemas.wire import encode_fields

_BEGIN_US: Final = 1_590_000_000_000_000
_TWO_HOURS_US: Final = 7_200_000_000
_ODD: Final = 0x9E3779B97F4B
_DIGITS: Final = 12
_PERSON: Final = "#" * _DIGITS
_NUMBER: Final = "@" * _DIGITS

_SALE: Final[dict[str, Any]] = {"platform_id": "tokopedia", "publisher_id": "tokopedia", "order_id": f"TP-{_NUMBER}"}
_COURSE: Final[dict[str, Any]] = {
    "course_id": "kursus-0001",
    "institution_id": "lembaga-001",
    "price": 150_000,
    "commission": 15_000,
}


def _template(type_name: str, at_us: int = _BEGIN_US, **own: Any) -> bytes:
    shared = {"event_id": f"e-{_NUMBER}", "beneficiary_id": f"b-{_PERSON}", "occurred_at": at_us}
    return encode_fields(type_name, shared | own)


CREDIT: Final = _template(
    "SaldoCredited", publisher_id="programme", credit_id=f"saldo-{_NUMBER}", decree="SK 1/2020", wave=1, amount=10**9
)
PURCHASE: Final = _template("CoursePurchased", **_SALE, **_COURSE)
COMPLETION: Final = _template(
    "CourseCompleted", _BEGIN_US + _TWO_HOURS_US, **_SALE, certificate_id=f"kursus-01/{_NUMBER}", score=90
)
REFUND: Final = _template("PurchaseRefunded", **_SALE, amount=150_000, reason="salah pilih kelas")

LIFE: Final = ((CREDIT, 0), (PURCHASE, 1), (COMPLETION, 1), (PURCHASE, 2), (COMPLETION, 2))
"""A person's first events: each a template, and which of the person's numbers goes into it."""
SHORT_LIFE: Final = LIFE[:3]
"""The same for every second person, so that there are 1.5 orders a wallet: a little more than in the demo."""
LATER: Final = ((PURCHASE, 0), (COMPLETION, 0), (PURCHASE, 1), (REFUND, 1), (REFUND, 1))
"""What befalls a person who is there already: two orders, and a report that comes twice."""

Script = Sequence[tuple[bytes, int]]


def _hex(number: int) -> bytes:
    """An id's own digits: one-to-one, and unlike those of the number's neighbours."""
    return (number * _ODD % (1 << 4 * _DIGITS)).to_bytes(_DIGITS // 2, "big").hex().encode()


def acted(people: Iterable[tuple[int, Script]], first_number: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values: everybody's first event, then everybody's second, and so on, as if they lived side by side.

    Numbers of orders and credits count up from `first_number`; the scripts take four a person.
    """
    cast = [(_hex(person), script) for person, script in people]
    for step in range(max(len(script) for _, script in cast)):
        for place, (person, script) in enumerate(cast):
            if step < len(script):
                template, which = script[step]
                number = _hex(first_number + 4 * place + which)
                value = template.replace(_PERSON.encode(), person).replace(_NUMBER.encode(), number)
                yield b"b-" + person, value


def records(events: Iterable[tuple[bytes, bytes]]) -> Records:
    """A batch as if it came from a topic of one partition."""
    keys, values = zip(*events, strict=True)
    places = np.arange(len(keys), dtype=np.int64)
    return Records(
        np.zeros(len(keys), dtype=np.int32),
        places,
        places + _BEGIN_US,
        RawColumn.of(keys),
        RawColumn.of(values),
        partition_count=1,
    )
