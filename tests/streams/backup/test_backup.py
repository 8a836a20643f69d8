"""A warehouse that is lost is restored from yesterday's copy, and a worker makes it today's."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.backup.copy import BackupError, file_of
from dompet.streams.backup.restoring import restore
from dompet.streams.backup.taking import backup
from dompet.streams.settings import Settings
from dompet.streams.warehouse import WarehouseBusy
from dompet.streams.warehouse.client import OpenClient
from tests.support.backing_up import all_shown, lose, ran
from tests.support.crowd import crowd
from tests.support.logs import as_record, corpus, made_log, write
from tests.support.modelled import ModelledLog, assert_checkpoints_hold, assert_whole, modelled_log, with_bad_records
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running
from tests.support.rebuilding import (
    STATEMENT,
    assert_shown_to_the_public,
    live,
    rebuilt,
    states,
    without_generations,
)
from tests.support.stored import shown
from tests.support.verifying import verified
from tests.support.warehouses import KINDS, empty_warehouse, opened
from tests.support.workers import run_to_end, until, worker

BATCH = 150
EVENTS = [as_record(event) for event in crowd(41, 20)]


def silent(done: int, total: int) -> None:
    """Nobody looks on."""


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    with modelled_log(kafka, kafka_admin, with_bad_records(crowd(42, 8))) as log:
        yield log


@pytest.fixture
def settings(log: ModelledLog, warehouse_url: str, settings_for: SettingsMaker) -> Iterator[Settings]:
    """For a warehouse of each kind in turn that holds the beginning of the log, and a statement."""
    settings = settings_for(log.topic, warehouse_url, batch=BATCH)
    with without_generations(warehouse_url):
        with running(settings) as pipeline:
            fold_some(pipeline, 4)
            OpenClient(pipeline.warehouse).insert("statement_line_rows", STATEMENT)
        yield settings


def test_a_lost_warehouse_is_made_of_yesterdays_copy_and_todays_log(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url, batch=BATCH)
        write(kafka, topic, [*EVENTS[:200], *corpus()[::6]])
        fold_to_end(settings)
        made = ran(settings, "backup", str(tmp_path / "yesterday"))
        assert (made.code, made.out) == (0, ""), made.err
        write(kafka, topic, [*EVENTS[200:], *corpus()[1::6]])
        fold_to_end(settings)
        before = all_shown(settings)
        lose(settings)
        restored = ran(settings, "restore", str(tmp_path / "yesterday"))
        assert (restored.code, restored.out) == (0, ""), restored.err
        assert "a worker folds what the log has had since" in restored.err
        assert len(all_shown(settings)["journal"]) == 200 + len(corpus()[::6])
        said = run_to_end(settings).stderr
        assert f"recovered {200 + len(corpus()[::6])} journal rows" in said
        assert all_shown(settings) == before
        reported = ran(settings, "verify")
        assert (reported.code, reported.out.splitlines()[-1]) == (0, "all that was compared is what the log says")


def test_a_copy_is_made_while_a_worker_folds_on(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    copied = threading.Event()
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url, group="copied")

        def publish() -> None:
            for at in range(200, len(EVENTS), 10):
                write(kafka, topic, EVENTS[at : at + 10])
                if copied.wait(0.05):
                    write(kafka, topic, EVENTS[at + 10 :])
                    return

        write(kafka, topic, EVENTS[:200])
        with worker(settings) as run:
            until(run, lambda health: health["records"] >= 200)
            publishing = threading.Thread(target=publish)
            publishing.start()
            try:
                made = backup(settings, tmp_path / "copy", silent)
            finally:
                copied.set()
                publishing.join()
            until(run, lambda health: health["records"] == len(EVENTS))
            run.end(signal.SIGKILL)
        upto = sum(made.upto.values())
        assert 200 <= upto < len(EVENTS)
        before = all_shown(settings)
        lose(settings)
        restore(settings, tmp_path / "copy", silent)
        with opened(warehouse_url) as warehouse:
            assert assert_checkpoints_hold(warehouse) >= upto
        fold_to_end(settings_for(topic, warehouse_url, group="after"))
        assert all_shown(settings) == before
        assert verified(settings).holds


def test_a_rebuilt_journal_is_restored_as_the_first_generation(
    settings: Settings, log: ModelledLog, tmp_path: Path
) -> None:
    rebuilt(settings)
    backup(settings, tmp_path / "copy", silent)
    lose(settings)
    restore(settings, tmp_path / "copy", silent)
    with live(settings) as warehouse:
        assert warehouse.database == warehouse.public
        assert_whole(warehouse, log)
        assert shown(warehouse, "SELECT sold FROM statement_line_rows") == [{"sold": 5}]
        assert states(warehouse) == {}
    assert rebuilt(settings).number == 2
    with live(settings) as warehouse:
        assert_whole(warehouse, log)
        assert_shown_to_the_public(warehouse)


def test_a_copy_fits_the_other_kind_of_warehouse(
    settings: Settings, log: ModelledLog, warehouse_kind: str, clickhouse_server: str, tmp_path: Path
) -> None:
    backup(settings, tmp_path / "copy", silent)
    [other] = {*KINDS} - {warehouse_kind}
    with empty_warehouse(other, clickhouse_server) as url:
        moved = settings.changed(warehouse=url)
        restore(moved, tmp_path / "copy", silent)
        fold_to_end(moved)
        with opened(url) as warehouse:
            assert_whole(warehouse, log)


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_a_restore_that_is_cut_short_is_done_again(settings: Settings, log: ModelledLog, tmp_path: Path) -> None:
    backup(settings, tmp_path / "copy", silent)
    lose(settings)

    def cut(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(settings, tmp_path / "copy", cut)
    with opened(settings.warehouse) as warehouse:
        assert shown(warehouse, "SELECT * FROM checkpoints") == []
    restore(settings, tmp_path / "copy", silent)
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        assert_whole(warehouse, log)


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_what_cannot_be_copied_or_restored_is_refused_with_one_sentence(settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with pytest.raises(BackupError, match=r"copy is no backup: it has no manifest\.json$"):
        restore(settings, copy, silent)
    backup(settings, copy, silent)
    assert copy.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    with pytest.raises(BackupError, match=r"copy is there already: a backup is made in a new folder$"):
        backup(settings, copy, silent)
    with pytest.raises(BackupError, match=r"holds a journal already: restore into an empty one$"):
        restore(settings, copy, silent)
    with running(settings), pytest.raises(WarehouseBusy, match=r"cannot be asked"):
        restore(settings, copy, silent)
    lose(settings)
    journal = file_of(copy, "journal_rows")
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 1
    journal.write_bytes(content)
    with pytest.raises(BackupError, match=r"journal_rows\.arrow is damaged: its SHA-256 "):
        restore(settings, copy, silent)
    journal.unlink()
    assert ran(settings, "restore", str(copy)).complaint == f"{journal} is missing: the backup is not whole"
    manifest = (copy / "manifest.json").read_text()
    for old, new, said in (
        ('"migration": ', '"migration": 9', r"; this dompet knows \d+: upgrade it$"),
        ('"format": 1', '"format": 2', r"format 2 is not this dompet's, which is 1"),
        ('"tables"', '"tables', r"manifest\.json is damaged"),
        ('"journal_rows"', '"../journal_rows"', r"manifest\.json is damaged"),
    ):
        (copy / "manifest.json").write_text(manifest.replace(old, new))
        with pytest.raises(BackupError, match=said):
            restore(settings, copy, silent)
