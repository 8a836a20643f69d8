"""The log folded again from its start, and all that was made of it compared with the result."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from dompet.schemas.rules import Rulebook
from dompet.streams.proof.chain import Head
from dompet.streams.proof.fingerprint import JOURNAL, TABLES
from dompet.streams.proof.live import LiveState, ask_workers, live_states
from dompet.streams.settings import Settings
from dompet.streams.verify.chain_check import heads_differences, stored_chain
from dompet.streams.verify.checkpoint_check import Vouched, checkpoint_differences, stored_checkpoints
from dompet.streams.verify.damage import damages
from dompet.streams.verify.difference import Difference
from dompet.streams.verify.expected import Expected
from dompet.streams.verify.extent import compared_ends
from dompet.streams.verify.refold import Log, Refold
from dompet.streams.verify.report import Question, Report
from dompet.streams.verify.stored_rows import Spans
from dompet.streams.verify.table_check import TableCheck
from dompet.streams.warehouse.client import WarehouseClient


class Verification:
    """One comparison of a log with a warehouse and with the workers that run."""

    def __init__(self, settings: Settings, log: Log, rulebook: Rulebook, ask: WarehouseClient) -> None:
        self._settings = settings
        self._log = log
        self._rulebook = rulebook
        self._ask = ask
        self._seed = secrets.randbits(64)
        self.report = Report()
        self._tables = TableCheck(ask, log, rulebook, self._seed, self.report)

    def run(self, question: Question, progress: Callable[[int, int], None]) -> Report:
        """Compare everything; `progress` takes how many records are read, and of how many."""
        partitions = question.partitions or tuple(self._log.offsets)
        vouched = stored_checkpoints(self._ask, partitions)
        live = self._live(partitions)
        self.report.upto = ends = compared_ends(
            self._ask, self._log, partitions, question.end, vouched, live, self.report
        )
        spans = {partition: (min(question.begin, end), end) for partition, end in ends.items()}
        expected = Expected(Refold(self._rulebook), self._seed, _first(spans), ends)
        chain = stored_chain(self._ask, ends)
        expected.want_heads((one.partition, one.next_offset) for one in (*chain, *question.heads))
        expected.want_sums((one.partition, offset) for one in vouched for offset in (one.first_offset, one.next_offset))
        with ThreadPoolExecutor(1, "the warehouse's sums") as asking:
            # Rows below a checkpoint never change, and nothing does where no worker runs: the warehouse adds them up
            # while the log is read. Where a worker of elsewhere moved one on, the rows themselves are looked at.
            early = (JOURNAL,) if live else TABLES
            asked = {one.name: asking.submit(self._tables.sums, one, spans) for one in early}
            astray = asking.submit(self._tables.strays, question.partitions or None)
            if not self._read(expected, question, ends, progress):
                return self.report
            self._check_heads(expected, question, ends, chain)
            self._check_checkpoints(expected, ends, vouched)
            self._tables.check(expected, spans, asked)
            self.report.differences += astray.result()
        self._check_live(expected, live, ends)
        self.report.differences.sort()
        return self.report

    def _live(self, partitions: Iterable[int]) -> dict[int, LiveState]:
        states, silent = ask_workers(self._settings, self._seed)
        self.report.left_out += silent
        return {partition: states[partition] for partition in partitions if partition in states}

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


def _first(spans: Spans) -> dict[int, int]:
    return {partition: begin for partition, (begin, _) in spans.items()}
