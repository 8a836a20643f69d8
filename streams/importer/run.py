"""An import from beginning to end, and its dry run; what a person sees of both."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dompet.schemas.rules import Rulebook
from dompet.streams.importer.exports import Export
from dompet.streams.importer.judging import all_rejected
from dompet.streams.importer.mapping import MappingFile
from dompet.streams.importer.prepare import Preparation, StoppedAtBadRow
from dompet.streams.importer.publishing import log_identity, publish_spool
from dompet.streams.importer.spool import Spool, Tally
from dompet.streams.importer.workspace import forget, workspace
from dompet.streams.kafka.admin import admin_client
from dompet.streams.publish import Publisher
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import bar, done, err, note, out
from dompet.streams.terminal.figures import Stopwatch, count, plural, speed

SHOWN_EVENTS: Final = 10
_BAD: Final = 2


@dataclass(frozen=True)
class Import:
    """What is to be imported: the files, by a mapping, under the salt of its pseudonyms."""

    file: MappingFile
    export: Export
    salt: bytes
    rulebook: Rulebook
    """By which the events will be judged."""

    def preparation(self, *, stop: bool) -> Preparation:
        """Its first half. Raises DompetError where mapping and files do not fit."""
        return Preparation(self.file, self.export, self.salt, stop=stop, complain=_complain)

    def digest(self, log: str, progress: Callable[[int], None]) -> str:
        """The same for the same mapping, files and salt into the same log."""
        parts = [self.file.text, self.export.digest(progress), hashlib.sha256(self.salt).hexdigest(), log]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def dry_run(job: Import) -> int:
    """Show the first events, as lines of JSON, and every row that does not map; 2 where there is one, else 0."""
    preparation = job.preparation(stop=False)
    with tempfile.TemporaryDirectory(prefix="dompet-import-") as folder:
        tally = _prepare(preparation, Path(folder))
        with closing(Spool(Path(folder) / "events")) as spool:
            for _, line in spool.lines(0, SHOWN_EVENTS):
                out.print(line, soft_wrap=True, markup=False)
            rejected = all_rejected(spool, job.rulebook)
    note(
        f"nothing was published; the first {min(SHOWN_EVENTS, tally.total)} of {plural(tally.total, 'event')} are shown"
    )
    return _end(tally, rejected)


def run_import(settings: Settings, job: Import, *, stop: bool) -> int:
    """Publish the events of all rows, or where a row does not map and it is to be stopped, none; the exit code.

    Raises DompetError where mapping and files do not fit, the broker is away or events were not delivered.
    """
    log = log_identity(admin_client(settings), settings)
    with bar("looking at the files", job.export.size, as_share=True) as show:
        digest = job.digest(log, lambda bytes_read: show(bytes_read, job.export.size))
    folder = settings.home / "imports" / digest[:32]
    preparation = job.preparation(stop=stop)
    with workspace(folder):
        try:
            tally = _prepared(preparation, folder, stop=stop)
        except StoppedAtBadRow:
            forget(folder)
            note("stopped at the first bad row; nothing was published")
            return _BAD
        with closing(Spool(folder / "events")) as spool:
            rejected = all_rejected(spool, job.rulebook)
            _publish(settings, spool)
        forget(folder)
    return _end(tally, rejected)


def _prepared(preparation: Preparation, folder: Path, *, stop: bool) -> Tally:
    """The tally of the folder's spool, which is made unless an earlier run has left it whole."""
    ready = folder / "events"
    if ready.exists():
        with closing(Spool(ready)) as spool:
            if not (stop and spool.tally.bad):
                note(f"going on after {plural(spool.acknowledged, 'event')} that an earlier run published")
                return spool.tally
    return _prepare(preparation, folder)


def _prepare(preparation: Preparation, folder: Path) -> Tally:
    watch, size = Stopwatch(), preparation.bytes_to_read
    unfinished = folder / "events.unfinished"
    with bar("mapping rows", size, as_share=True) as show:
        tally = preparation.run(folder / "rows", unfinished, lambda bytes_read: show(bytes_read, size))
    unfinished.replace(folder / "events")
    done(f"mapped {plural(tally.rows, 'row')} to {plural(tally.total, 'event')} in {watch.seconds:.1f} s")
    for name, number in tally.events.items():
        err.print(f"  {count(number):>12} {name}", soft_wrap=True)
    for sentence in preparation.notes:
        note(sentence)
    return tally


def _publish(settings: Settings, spool: Spool) -> None:
    watch = Stopwatch()
    topic = settings.topics.log.name
    with (
        bar(f"publishing to {topic}", spool.tally.total) as show,
        Publisher(str(settings.kafka), topic, settings.client_config()) as publisher,
    ):
        published = publish_spool(publisher, spool, show)
    done(f"published {plural(published, 'event')} to {topic} {speed(published, watch.seconds)}")


def _end(tally: Tally, rejected: str) -> int:
    if rejected:
        note(rejected)
    if tally.bad:
        note(f"left out {plural(tally.bad, 'bad row')}")
    return _BAD if tally.bad else 0


def _complain(sentence: str) -> None:
    err.print(sentence, soft_wrap=True, markup=False)
