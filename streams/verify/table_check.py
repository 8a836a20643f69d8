"""The rows of the journal, the wallets and the orders, compared with what the log makes."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future

import pyarrow as pa

from dompet.schemas.rules import Rulebook
from dompet.streams.proof.fingerprint import JOURNAL, ORDERS, TABLES, WALLETS, Stored, Sums
from dompet.streams.verify.difference import Difference
from dompet.streams.verify.expected import Expected
from dompet.streams.verify.explain import first_in_journal, first_in_latest, moved_keys, moved_rows
from dompet.streams.verify.refold import Log
from dompet.streams.verify.report import Report
from dompet.streams.verify.stored_rows import Spans, stored_sums, strays
from dompet.streams.warehouse.client import WarehouseClient


class TableCheck:
    """Compares the tables of one warehouse; what it finds goes to `report`."""

    def __init__(self, ask: WarehouseClient, log: Log, rulebook: Rulebook, seed: int, report: Report) -> None:
        self._ask = ask
        self._log = log
        self._rulebook = rulebook
        self._seed = seed
        self._report = report

    def sums(self, stored: Stored, spans: Spans) -> tuple[Sums, pa.Table]:
        """What the warehouse says of a table: its sums, and the keys of what has moved on since."""
        if stored is JOURNAL:
            return stored_sums(self._ask, stored, spans, self._seed, final=False), pa.table({})
        return stored_sums(self._ask, stored, spans, self._seed), moved_keys(self._ask, stored, spans)

    def check(
        self, expected: Expected, spans: Spans, early_sums: Mapping[str, "Future[tuple[Sums, pa.Table]]"]
    ) -> None:
        """The journal, and then wallets and orders, of which running workers may have moved some on meanwhile."""
        found, _ = early_sums[JOURNAL.name].result()
        differing = expected.journal.differing(found)
        if differing:
            differing = expected.journal.differing(stored_sums(self._ask, JOURNAL, spans, self._seed))
        self._report.compared.append(f"journal: {_rows(expected.journal):,} rows")
        for partition, window in differing:
            log = self._log, self._rulebook
            if first := first_in_journal(self._ask, *log, partition, window, spans[partition]):
                self._report.differences.append(first)
                break
        for stored in (WALLETS, ORDERS):
            early = early_sums.get(stored.name)
            sums, keys = early.result() if early else self.sums(stored, spans)
            moved = moved_rows(stored, expected, keys)
            mine = expected.latest(stored, moved)
            self._report.compared.append(f"{_name(stored.name)}: {_rows(mine):,} rows")
            if len(moved):
                self._report.left_out.append(f"{len(moved):,} {_name(stored.name)} changed after what is compared")
            for partition, window in mine.differing(sums):
                if first := first_in_latest(self._ask, stored, expected, partition, window, spans[partition]):
                    self._report.differences.append(first)
                    break

    def strays(self, partitions: Iterable[int] | None) -> list[Difference]:
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


def _rows(sums: Sums) -> int:
    return sum(size for size, _ in sums.found.values())


def _name(table: str) -> str:
    """What people call a table."""
    return {WALLETS.name: "wallets", ORDERS.name: "orders"}.get(table, "journal")
