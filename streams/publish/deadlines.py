"""Deadlines: wallets past one are published to the log as `SaldoRevoked`; the fold decides what becomes of them.

The event of a wallet and a deadline is always the same one (its id and its time, a microsecond after the deadline,
follow from them), so that saying it again, by whomever, is a duplicate.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from dompet.projections.deadlines import FIRST_PURCHASE, SPEND_BY, Overdue
from dompet.schemas.encode_rows import TypedFields
from dompet.schemas.events import SaldoRevoked
from dompet.streams.publish import Publisher
from dompet.streams.publish.rows import chunks, publish_rows

PUBLISHER_ID: Final = "dompet"
BATCH: Final = 1_000
"""Events published at once: a deadline of a whole wave must not be before everything else on the log."""

OVERDUE_SQL: Final = (
    "SELECT beneficiary_id, purchases = 0 AND first_purchase_due_us < %(as_of_us)s AS unused, first_purchase_due_us,"
    " spend_by_us, balance FROM wallet_rows FINAL WHERE status IN ('active', 'suspended')"
    " AND ((purchases = 0 AND first_purchase_due_us < %(as_of_us)s) OR (balance > 0 AND spend_by_us < %(as_of_us)s))"
    " ORDER BY beneficiary_id"
)
"""The wallets past a deadline as the warehouse has them."""


def revocation(one: Overdue) -> SaldoRevoked:
    """The event that says it."""
    named = f"{one.reason}\n{one.beneficiary_id}\n{one.due_us}".encode()
    return SaldoRevoked(
        event_id=f"deadline-{hashlib.sha256(named).hexdigest()[:32]}",
        beneficiary_id=one.beneficiary_id,
        occurred_at=one.due_us + 1,
        publisher_id=PUBLISHER_ID,
        reason=one.reason,
    )


def publish(publisher: Publisher, wallets: Iterable[Overdue]) -> int:
    """Publish their revocations and wait until the broker has them; how many there were. DeliveryFailed otherwise."""
    count = 0
    for some in chunks((_typed(one) for one in wallets), BATCH):
        publish_rows(publisher, some, "the revocations", count)
        publisher.flush()
        count += len(some)
    return count


def _typed(one: Overdue) -> TypedFields:
    event = revocation(one)
    return type(event).__name__, asdict(event)


def overdue_in(rows: Iterable[dict[str, object]]) -> Iterable[Overdue]:
    """What OVERDUE_SQL found."""
    for row in rows:
        unused = bool(row["unused"])
        due_us = row["first_purchase_due_us" if unused else "spend_by_us"]
        yield Overdue(str(row["beneficiary_id"]), FIRST_PURCHASE if unused else SPEND_BY, int(str(due_us)))


class Sweeper:
    """Publishes the revocations of a worker's own wallets, a bounded batch at a time.

    Each partition is one worker's, and so is each wallet: no two workers sweep the same one.
    """

    def __init__(self, publisher: Publisher, grace_us: int) -> None:
        self._publisher = publisher
        self._grace_us = grace_us
        self._reported: set[Overdue] = set()

    def as_of_us(self, newest_recorded_us: int) -> int:
        """Up to when deadlines count: the log's own time less a grace, for a wall clock knows nothing of a backfill."""
        return newest_recorded_us - self._grace_us

    def sweep(self, due: Iterable[Overdue]) -> int:
        """Publish what is due and was not said before; how many. What is no longer due is forgotten."""
        wallets = set(due)
        self._reported &= wallets
        new = sorted(wallets - self._reported)
        published = publish(self._publisher, new)
        self._reported |= wallets
        return published
