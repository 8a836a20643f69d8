"""The first half of an import: all rows read, joined and mapped, and their events sorted, before any is published."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from dompet.streams.importer.exports import Export
from dompet.streams.importer.lookup import Lookup
from dompet.streams.importer.making import Making
from dompet.streams.importer.mapping import MappingFile
from dompet.streams.importer.needs import columns_of_files, looked_up_columns
from dompet.streams.importer.row_events import Ready, ready_rules
from dompet.streams.importer.rows import BadRow, Values, need_columns, rows_of
from dompet.streams.importer.spool import Sorter, Spool, Tally, scratch
from dompet.streams.importer.texts import Unmapped
from dompet.streams.parsing.texts import listed


class StoppedAtBadRow(Exception):
    """A row does not map, and it was to be stopped there."""


class Preparation:
    """Maps an export once. `complain` receives `file:line: why` of each bad row, `progress` the bytes read of all
    files.

    Raises DompetError where the files lack a column, or a constant of the mapping does not fit its field.
    """

    def __init__(
        self, file: MappingFile, export: Export, salt: bytes, *, stop: bool, complain: Callable[[str], None]
    ) -> None:
        self._file = file
        self._inputs = file.mapping.inputs
        self._export = export
        self._stop = stop
        self._complain = complain
        self._progress: Callable[[int], None] = lambda bytes_read: None
        self._rows = self._bad = self._bytes = 0
        self._notes: list[str] = []
        self._making = making = Making(file.mapping, salt)
        sources = {rule.source for rule in file.mapping.events}
        self._rules = {name: ready_rules(file, making, name) for name in self._inputs if name in sources}
        joined = {join.input for given in self._inputs.values() for join in given.join}
        self._joined = [name for name in self._inputs if name in joined]
        self._wanted = {name: columns_of_files(file.mapping, name) for name in self._inputs}
        for name, wanted in self._wanted.items():
            self._need(name, wanted)

    @property
    def notes(self) -> list[str]:
        """Once it has run: which rows were left out by the files' conditions, and what nobody would see in the ids."""
        seen = [ends.sentence(field) for field, ends in self._making.blank_ends.items()]
        return [*dict.fromkeys(self._notes), *seen]

    @property
    def bytes_to_read(self) -> int:
        """A file that is joined and gives events as well is read twice."""
        read = [*self._joined, *self._rules]
        return sum(Export({name: self._export.files[name]}).size for name in read)

    def run(self, scratch_file: Path, spool_file: Path, progress: Callable[[int], None]) -> Tally:
        """Write the spool of the export's events. Raises StoppedAtBadRow. The scratch file is gone then."""
        self._progress = progress
        try:
            with closing(scratch(scratch_file)) as database:
                lookups = [
                    self._lookup(Lookup(database, name, self._inputs[name], self._columns_of(name)), name)
                    for name in self._joined
                ]
                sorter = Sorter(database)
                for name, rules in self._rules.items():
                    self._map(name, rules, dict(zip(self._joined, lookups, strict=True)), sorter)
                counts = sorter.sort_into(spool_file)
        finally:
            scratch_file.unlink(missing_ok=True)
        types: Counter[str] = Counter()
        for number, rule in enumerate(self._file.mapping.events):
            types[rule.type] += counts.get(number, 0)
        tally = Tally(self._rows, self._bad, dict(types))
        Spool.finish(spool_file, tally)
        return tally

    def _columns_of(self, name: str) -> list[str]:
        return sorted(looked_up_columns(self._file.mapping, name))

    def _lookup(self, lookup: Lookup, name: str) -> Lookup:
        for path, line, row in self._read(name):
            if why := lookup.add(str(path), line, row):
                self._report(path, line, why)
        lookup.number()
        return lookup

    def _map(self, name: str, rules: list[Ready], lookups: dict[str, Lookup], sorter: Sorter) -> None:
        for path, line, row in self._read(name):
            self._rows += 1
            try:
                if self._join(name, row, lookups):
                    for event in [made for rule in rules if (made := rule(row))]:
                        sorter.add(self._rows, event)
            except Unmapped as why:
                self._report(path, line, str(why))

    def _join(self, name: str, row: Values, lookups: dict[str, Lookup]) -> bool:
        """Put the columns of other inputs into a row; False where it is to be left out."""
        for join in self._inputs[name].join:
            key = [value for column in join.on if (value := row[column]) is not None]
            found = lookups[join.input].find(key) if len(key) == len(join.on) else None
            if found is None and join.missing == "skip":
                return False
            if found is None and join.missing == "bad":
                asked = ", ".join(
                    f"{column} {listed([value]) if (value := row[column]) else 'empty'}" for column in join.on
                )
                raise Unmapped(f"no row of {join.input} has the key {asked}")
            row.update(lookups[join.input].nothing if found is None else found)
        return True

    def _read(self, name: str) -> Iterator[tuple[Path, int, Values]]:
        """The rows of an input's files that can be read; the others are reported."""
        for path in self._export.files[name]:
            at = partial(self._at, self._bytes)
            for line, row in rows_of(path, self._inputs[name], self._wanted[name], at, self._notes.append):
                if isinstance(row, BadRow):
                    self._report(path, line, row.why)
                else:
                    yield path, line, row

    def _need(self, name: str, wanted: set[str]) -> None:
        for path in self._export.files[name]:
            why = f", which {self._file.source} needs of the input {name}"
            need_columns(path, self._inputs[name], wanted, why)

    def _at(self, before: int, bytes_read: int) -> None:
        self._bytes = before + bytes_read
        self._progress(self._bytes)

    def _report(self, path: Path, line: int, why: str) -> None:
        self._bad += 1
        self._complain(f"{path}:{line}: {why}")
        if self._stop:
            raise StoppedAtBadRow
