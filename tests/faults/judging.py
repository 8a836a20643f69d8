"""After a run: the whole log, read by a client that the product does not use, against the warehouse and the model.

Each partition is judged by itself, in a process of its own, for no person is in two.
"""

import multiprocessing
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.faults.cast import TOPICS
from tests.faults.engine import AnyClient, client_of
from tests.faults.events import identity
from tests.faults.found import Entry, Findings, compare, counted_twice, missing
from tests.faults.ledger import Acknowledged
from tests.faults.routed import Routed, compare_inboxes, disordered, put_in, routed_of
from tests.faults.states import compare_states
from tests.model import Model, Rulebook
from tests.support.log_reader import LogRecord, read_log
from tests.support.logs import as_event

DECIDED: Final = "decided otherwise"
"""A row whose outcome, reason or balance is not the model's."""

_PROCESSES: Final = 2
_JOURNAL: Final = (
    "SELECT partition, offset, event_id, beneficiary_id, outcome, reason, balance_after FROM journal"
    " WHERE partition = {} ORDER BY offset"
)
_LETTERS: Final = "SELECT offset, value FROM dead_letters WHERE topic = '{}' AND partition = {}"


@dataclass
class Verdict:
    """What the checker and the model say. `records` are those of the log."""

    records: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    wallets: int = 0
    orders: int = 0
    findings: Findings = field(default_factory=Findings)
    identities: set[str] = field(default_factory=set)
    routed: list[Routed] = field(default_factory=list)
    """What of the log came from inboxes."""

    def merge(self, other: "Verdict") -> None:
        """Add another partition's."""
        self.records += other.records
        self.wallets += other.wallets
        self.orders += other.orders
        self.outcomes.update(other.outcomes)
        self.findings.merge(other.findings)
        self.identities |= other.identities
        self.routed += other.routed


class Decision(NamedTuple):
    """What became of a record, and the person's balance after it."""

    outcome: str
    reason: str
    balance: int


class Recorded(NamedTuple):
    """A record of the log; one that is no event has no event."""

    entry: Entry
    event: Mapping[str, Any] | None


class Row(NamedTuple):
    """A row of the journal, as far as it is judged."""

    entry: Entry
    decision: Decision


def judge(bootstrap: str, warehouse: str, acknowledged: Path) -> Verdict:
    """Judge every partition, the inboxes, and whether every acknowledged event was found."""
    verdict = Verdict()
    # A process that is forked from one with threads may hang.
    with ProcessPoolExecutor(_PROCESSES, multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(judge_partition, bootstrap, warehouse, p) for p in range(TOPICS.log.partitions)]
        for job in jobs:
            verdict.merge(job.result())
    verdict.findings.merge(compare_inboxes(put_in(bootstrap), verdict.routed))
    promised = (identity(int(number)) for number in Acknowledged.numbers(acknowledged))
    verdict.findings.merge(missing(promised, verdict.identities))
    return verdict


def judge_partition(bootstrap: str, warehouse: str, partition: int) -> Verdict:
    """Read one partition of the log, and hold all that the warehouse has of it against it."""
    records = read_log(bootstrap, TOPICS.log.name, partition)
    log, routed = [_recorded(record) for record in records], routed_of(records)
    model = Model(Rulebook.load())
    with client_of(warehouse) as client:
        rows = _journal(client, partition)
        findings = compare([one.entry for one in log], [row.entry for row in rows])
        findings.merge(counted_twice(row.entry.identity for row in rows if row.decision.outcome == "accepted"))
        findings.merge(compare_decisions(log, rows, model))
        findings.merge(compare_states(client, partition, model))
        findings.merge(disordered(routed))
    outcomes = Counter(row.decision.outcome for row in rows)
    identities = {row.entry.identity for row in rows}
    return Verdict(len(log), outcomes, len(model.wallets), len(model.orders), findings, identities, routed)


def compare_decisions(log: Sequence[Recorded], rows: Sequence[Row], model: Model) -> Findings:
    """Each row's decision must be the model's, which sees the log one record at a time. Rows that are missing are the
    checker's business.
    """
    findings = Findings()
    by_place = {row.entry.place: row.decision for row in rows}
    for one in log:
        expected = _decision(model, one.event)
        found = by_place.get(one.entry.place, expected)
        if found != expected:
            findings.add(DECIDED, f"{one.entry}: {found}, the model says {expected}")
    return findings


def _decision(model: Model, event: Mapping[str, Any] | None) -> Decision:
    if event is None:
        return Decision("dead", "", 0)
    result = model.apply(event)
    wallet = model.wallets.get(event["beneficiary_id"])
    return Decision(result.outcome, result.reason, wallet.balance if wallet else 0)


def _recorded(record: LogRecord) -> Recorded:
    if record.value.startswith(b"poison-"):
        return Recorded(Entry(record.partition, record.offset, record.value.decode(), ""), None)
    event = as_event(record.value)
    return Recorded(Entry(record.partition, record.offset, event["event_id"], event["beneficiary_id"]), event)


def _journal(client: AnyClient, partition: int) -> list[Row]:
    """The partition's rows; a dead one is known by the bytes that the dead letters keep."""
    letters = dict(client.execute(_LETTERS.format(TOPICS.log.name, partition)))
    rows = []
    for number, offset, event_id, person, outcome, reason, balance in client.execute(_JOURNAL.format(partition)):
        who = letters.get(offset, "") if outcome == "dead" else event_id
        rows.append(Row(Entry(number, offset, who, person), Decision(outcome, reason, balance)))
    return rows
