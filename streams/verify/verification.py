"""The log folded again from its start, and all that was made of it compared with the result."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from dompet.schemas.rules import Rulebook
from dompet.streams.kafka.holes import first_records
from dompet.streams.proof.chain import Head
from dompet.streams.proof.fingerprint import JOURNAL, ORDERS, TABLES, WALLETS, Stored, Sums
from dompet.streams.proof.live import LiveState, ask_workers, live_states
from dompet.streams.settings import Settings
from dompet.streams.verify.chain_check import heads_differences, stored_chain
from dompet.streams.verify.checkpoint_check import Vouched, checkpoint_differences, stored_checkpoints
from dompet.streams.verify.damage import damages
from dompet.streams.verify.difference import Difference
from dompet.streams.verify.expected import Expected
from dompet.streams.verify.explain import first_in_journal, first_in_latest, moved_keys, moved_rows
from dompet.streams.verify.refold import Log, Refold
from dompet.streams.verify.stored_rows import Spans, stored_sums, strays
from dompet.streams.warehouse.client import WarehouseClient

_STORED_LIMIT_S: Final = 30.0
_POLL_S: Final = 0.2


@dataclass(frozen=True)
class Question:
    """What is to be verified: all partitions where none is named, offsets from `begin` up to, not including, `end`."""

    partitions: tuple[int, ...] = ()
    begin: int = 0
    end: int | None = None
    heads: tuple[Head, ...] = ()
    signature_fault: str = ""


@dataclass
class Report:
    """What was found: what was compared, a sentence each; what could not be, and why; and every difference's first."""

    records: int = 0
    compared: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Differences without a place."""
    accepted: list[str] = field(default_factory=list)
    """What is wrong with the topics, and accepted by a setting."""
    upto: dict[int, int] = field(default_factory=dict)
    """By partition, the offset up to which it was compared."""
    unrecorded: str = ""
    """Why the warehouse has no record of this, where it has none."""

    @property
    def found(self) -> int:
        """How many differences there are, with a place or without."""
        return len(self.differences) + len(self.faults)

    @property
    def holds(self) -> bool:
        """Whether all that was compared is the same."""
        return not self.found


class Verification:
    """One comparison of a log with a warehouse and with the workers that run."""

    def __init__(self, settings: Settings, log: Log, rulebook: Rulebook, ask: WarehouseClient) -> None:
        self._settings = settings
        self._log = log
        self._rulebook = rulebook
        self._ask = ask
        self._seed = secrets.randbits(64)
        self.report = Report()

    def run(self, question: Question, progress: Callable[[int, int], None]) -> Report:
        """Compare everything; `progress` hears how many records are read, and of how many."""
        partitions = question.partitions or tuple(self._log.offsets)
        vouched = stored_checkpoints(self._ask, partitions)
        live = self._live(partitions)
        self.report.upto = ends = self._ends(question, partitions, vouched, live)
        spans = {partition: (min(question.begin, end), end) for partition, end in ends.items()}
        expected = Expected(Refold(self._rulebook), self._seed, _first(spans), ends)
        chain = stored_chain(self._ask, ends)
        expected.want_heads((one.partition, one.next_offset) for one in (*chain, *question.heads))
        expected.want_sums((one.partition, offset) for one in vouched for offset in (one.first_offset, one.next_offset))
        with ThreadPoolExecutor(1, "the warehouse's sums") as asking:
            # Rows below a checkpoint never change, and nothing does where no worker runs: the warehouse adds them up
            # while the log is read. Where a worker of elsewhere moved one on, the rows themselves are looked at.
            early = (JOURNAL,) if live else TABLES
            asked = {one.name: asking.submit(self._stored_sums, one, spans) for one in early}
            astray = asking.submit(self._strays, question.partitions or None)
            if not self._read(expected, question, ends, progress):
                return self.report
            self._check_heads(expected, question, ends, chain)
            self._check_checkpoints(expected, ends, vouched)
            self._check_tables(expected, spans, asked)
            self.report.differences += astray.result()
        self._check_live(expected, live, ends)
        self.report.differences.sort()
        return self.report

    def _live(self, partitions: Iterable[int]) -> dict[int, LiveState]:
        states, silent = ask_workers(self._settings, self._seed)
        self.report.left_out += silent
        return {partition: states[partition] for partition in partitions if partition in states}

    def _ends(
        self, question: Question, partitions: Iterable[int], vouched: Iterable[Vouched], live: Mapping[int, LiveState]
    ) -> dict[int, int]:
        """How far each partition is compared: to where its worker is once that is stored, else to its checkpoint."""
        stored = _newest(vouched)
        wanted = {partition: live[partition].next_offset for partition in live}
        deadline = time.monotonic() + _STORED_LIMIT_S
        while any(stored.get(p, 0) < at for p, at in wanted.items()) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
            stored = _newest(stored_checkpoints(self._ask, tuple(wanted)))
        ends: dict[int, int] = {}
        behind: dict[int, tuple[int, int]] = {}
        for partition in partitions:
            end = min(wanted.get(partition, stored.get(partition, 0)), stored.get(partition, 0))
            log_end = self._log.offsets[partition][1]
            if end > log_end:
                says = f"the checkpoint says {end}, but the log ends at {log_end}: it was cut, or is another one"
                self.report.differences.append(Difference(partition, log_end, "checkpoints", says))
            if log_end > end and partition not in live:
                behind[partition] = end, log_end
            ends[partition] = min(end, log_end, log_end if question.end is None else question.end)
        for partition, first in first_records(self._log.kafka, self._log.topic, behind).items():
            left = behind[partition][1] - first
            self.report.left_out.append(f"partition {partition}: the log goes on for {left} records more")
        return ends

    def _read(
        self, expected: Expected, question: Question, ends: Mapping[int, int], progress: Callable[[int, int], None]
    ) -> bool:
        """Read the log and fold it; False where it is damaged."""
        upto = dict(ends)
        for head in question.heads:
            if head.partition in upto:
                upto[head.partition] = min(
                    max(upto[head.partition], head.next_offset), self._log.offsets[head.partition][1]
                )
        total = sum(upto.values())
        with ThreadPoolExecutor(1, "the log's sums") as summing:
            noted: Future[None] | None = None
            for records in self._log.batches(upto, self._settings.batch):
                if records.unreadable and (found := damages(self._ask, records, ends)):
                    self.report.differences += found
                    return False
                batch = expected.fold(records)
                self.report.records = expected.records
                if noted is not None:
                    noted.result()
                noted = summing.submit(expected.note, records, batch)
                progress(expected.records, total)
            if noted is not None:
                noted.result()
        return True

    def _check_heads(self, expected: Expected, question: Question, ends: Mapping[int, int], chain: list[Head]) -> None:
        self.report.differences += heads_differences("chain", expected.heads, chain)
        have = {(one.partition, one.next_offset) for one in chain}
        chained = {one.partition for one in chain}
        for partition, next_offset in sorted(expected.ended - have):
            if partition in chained and next_offset <= ends[partition]:
                says = "the head of the segment that ends here is missing"
                self.report.differences.append(Difference(partition, next_offset - 1, "chain", says))
        if bare := [p for p, end in ends.items() if end and p not in chained]:
            self.report.left_out.append(f"partitions {', '.join(map(str, bare))} have no chain")
        self.report.compared.append(f"chain: {len(chain)} heads")
        if question.heads:
            mine = [one for one in question.heads if one.partition in ends]
            self.report.differences += heads_differences("published head", expected.heads, mine)
            self.report.compared.append(f"published heads: {len(mine)}")
        if question.signature_fault:
            self.report.faults.append(f"published heads: {question.signature_fault}")

    def _check_checkpoints(self, expected: Expected, ends: Mapping[int, int], vouched: list[Vouched]) -> None:
        within = [one for one in vouched if one.next_offset <= ends[one.partition]]
        self.report.differences += checkpoint_differences(expected.below, within)
        self.report.compared.append(f"checkpoints: {len(within)}")

    def _stored_sums(self, stored: Stored, spans: Spans) -> tuple[Sums, pa.Table]:
        """What the warehouse says of a table: its sums, and the keys of what has moved on since."""
        if stored is JOURNAL:
            return stored_sums(self._ask, stored, spans, self._seed, final=False), pa.table({})
        return stored_sums(self._ask, stored, spans, self._seed), moved_keys(self._ask, stored, spans)

    def _check_tables(
        self, expected: Expected, spans: Spans, asked: Mapping[str, "Future[tuple[Sums, pa.Table]]"]
    ) -> None:
        """The journal, and then wallets and orders, of which running workers may have moved some on meanwhile."""
        found, _ = asked[JOURNAL.name].result()
        differing = expected.journal.differing(found)
        if differing:
            differing = expected.journal.differing(stored_sums(self._ask, JOURNAL, spans, self._seed))
        self.report.compared.append(f"journal: {_rows(expected.journal):,} rows")
        for partition, window in differing:
            log = self._log, self._rulebook
            if first := first_in_journal(self._ask, *log, partition, window, spans[partition]):
                self.report.differences.append(first)
                break
        for stored in (WALLETS, ORDERS):
            early = asked.get(stored.name)
            sums, keys = early.result() if early else self._stored_sums(stored, spans)
            moved = moved_rows(stored, expected, keys)
            mine = expected.latest(stored, moved)
            self.report.compared.append(f"{_name(stored.name)}: {_rows(mine):,} rows")
            if len(moved):
                self.report.left_out.append(f"{len(moved):,} {_name(stored.name)} changed after what is compared")
            for partition, window in mine.differing(sums):
                if first := first_in_latest(self._ask, stored, expected, partition, window, spans[partition]):
                    self.report.differences.append(first)
                    break

    def _strays(self, partitions: Iterable[int] | None) -> list[Difference]:
        """Rows where the log has no record, of all partitions where none is named. The log may have grown: what looks
        like one is looked at again.
        """
        differences = []
        for stored in TABLES:
            for _ in range(2):
                found = strays(self._ask, stored, self._log.ends(), partitions)
                if not found:
                    break
            differences += [
                Difference(partition, offset, _name(stored.name), "a row too many: the log has no record here")
                for partition, offset in found[:1]
            ]
        return differences

    def _check_live(self, expected: Expected, live: Mapping[int, LiveState], ends: Mapping[int, int]) -> None:
        """The state in the workers' memory, where it is of the same offsets."""
        if not live:
            self.report.left_out.append("state in memory: no worker of this home runs")
            return
        refold = expected.refold
        mine = live_states(refold.state, refold.laws, ends, self._seed)
        same = {partition: one for partition, one in live.items() if one.next_offset == ends[partition]}
        for partition, one in same.items():
            for part, sums in one.sums.items():
                if sums != mine[partition].sums[part]:
                    says = f"the {part} in the worker's memory are not those that the log makes below this offset"
                    self.report.differences.append(Difference(partition, one.next_offset, "worker", says))
        if same:
            self.report.compared.append(f"state in memory: {len(same)} partitions")
        if other := [str(partition) for partition in live if partition not in same]:
            self.report.left_out.append(f"the worker's state of partitions {', '.join(other)}: it is of other offsets")


def _newest(vouched: Iterable[Vouched]) -> dict[int, int]:
    newest: dict[int, int] = {}
    for one in vouched:
        newest[one.partition] = max(newest.get(one.partition, 0), one.next_offset)
    return newest


def _first(spans: Spans) -> dict[int, int]:
    return {partition: begin for partition, (begin, _) in spans.items()}


def _rows(sums: Sums) -> int:
    return sum(size for size, _ in sums.found.values())


def _name(table: str) -> str:
    """What people call a table."""
    return {WALLETS.name: "wallets", ORDERS.name: "orders"}.get(table, "journal")
