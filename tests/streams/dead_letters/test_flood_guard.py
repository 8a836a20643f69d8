"""A worker stops where too many records are dead letters, always at the same one, until somebody accepts them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from confluent_kafka.admin import AdminClient
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.decode import decode
from dompet.schemas.limits import TIME_US_MIN
from dompet.schemas.records import RawColumn, Records
from dompet.streams.dead_letters.flood_guard import FloodGuard, FloodOfDeadLetters
from dompet.streams.settings import Settings
from tests.schemas.corpus import KEY, KEY_PARTITION, SURVEYED, record
from tests.support.logs import RawRecord, made_log, write
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running
from tests.support.stored import shown
from tests.support.warehouses import opened
from tests.support.workers import worker

GOOD, BAD = record(SURVEYED), b""
WINDOW, SHARE = 20, 0.2


class Stored:
    """What a guard reads of a warehouse."""

    def __init__(self, dead: Sequence[int] = (), accepted: int = -1) -> None:
        self._dead, self._accepted = list(dead), accepted

    def read(self, sql: str, params: Any = None) -> pa.Table:
        offsets = [self._accepted] * (self._accepted >= 0) if "letter_action_rows" in sql else self._dead
        partition = pa.array([0] * len(offsets), pa.int32())
        error = pa.array(["Truncated"] * len(offsets))
        return pa.table({"partition": partition, "offset": pa.array(offsets, pa.int64()), "error": error})


def batch(first: int, dead: Sequence[bool]) -> Records:
    """Records of a log of one partition, of which some are dead."""
    offset = np.arange(first, first + len(dead), dtype=np.int64)
    values = RawColumn.of([BAD if one else GOOD for one in dead])
    partition = np.zeros(len(dead), dtype=np.int32)
    return Records(partition, offset, offset + TIME_US_MIN, RawColumn.of([KEY] * len(dead)), values, 1)


def guard(stored: Stored, position: int = 0, share: float = SHARE, window: int = WINDOW) -> FloodGuard:
    made = FloodGuard("log", share, window)
    warehouse: Any = stored
    made.assign(warehouse, {0: position})
    return made


def stop(watching: FloodGuard, dead: Sequence[bool], sizes: Sequence[int], first: int = 0) -> str:
    """What the guard says of a log that is read in batches of these sizes; empty where nothing."""
    at = 0
    for size in [*sizes, len(dead)]:
        part = list(dead[at : at + size])
        try:
            if part:
                watching.check(decode(batch(first + at, part)))
        except FloodOfDeadLetters as flood:
            return str(flood).partition(": nothing was stored")[0]
        at += size
    return ""


def by_the_rule(dead: Sequence[bool]) -> int:
    """The first offset at which more than the share of the window is dead; -1 where none is."""
    for at, one in enumerate(dead):
        if one and sum(dead[max(0, at - WINDOW + 1) : at + 1]) > SHARE * WINDOW:
            return at
    return -1


LOGS = st.lists(st.sampled_from([False, False, False, False, True]), max_size=60)
SIZES = st.lists(st.integers(1, 9), max_size=20)


@given(LOGS, SIZES)
def test_it_stops_at_the_same_record_whatever_the_batches_are(dead: list[bool], sizes: list[int]) -> None:
    at, said = by_the_rule(dead), stop(guard(Stored()), dead, sizes)
    assert said == stop(guard(Stored()), dead, [])
    assert bool(said) == (at >= 0)
    assert at < 0 or f" records up to offset {at} are dead letters " in said


@given(LOGS, st.integers(0, 60))
def test_it_stops_at_the_same_record_after_a_restart_anywhere_before(dead: list[bool], restart: int) -> None:
    at = by_the_rule(dead)
    restart = min(restart, len(dead) if at < 0 else at)
    stored = Stored([place for place in range(max(0, restart - WINDOW + 1), restart) if dead[place]])
    assert stop(guard(stored, restart), dead[restart:], [7], restart) == stop(guard(Stored()), dead, [])


def test_one_dead_letter_at_a_logs_start_is_no_flood_nor_is_one_in_a_hundred() -> None:
    assert stop(guard(Stored()), [True], []) == ""
    assert stop(guard(Stored(), share=0.2, window=10_000), [True] * 2_000, [300]) == ""
    assert stop(guard(Stored(), share=0.2, window=10_000), [True] * 2_001, [300]) != ""
    scattered = np.random.default_rng(1).random(60_000) < 0.01
    assert stop(guard(Stored(), share=0.2, window=10_000), scattered.tolist(), [5_000] * 12) == ""


def test_what_was_accepted_does_not_count_and_what_comes_after_does() -> None:
    flood = [True] * 40
    assert " up to offset 4 are " in stop(guard(Stored()), flood, [])
    assert " up to offset 34 are " in stop(guard(Stored(accepted=29)), flood, [3, 3])
    assert stop(guard(Stored(range(21, 40), accepted=39), 40), [True] * 4, [], 40) == ""


def test_a_share_of_one_lets_everything_pass() -> None:
    assert stop(guard(Stored(), share=1), [True] * 100, []) == ""


@pytest.fixture
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    """A log with a flood: 30 good records, then 40 dead ones in the partition of all."""
    with made_log(kafka_admin) as topic:
        write(kafka, topic, [RawRecord(KEY, GOOD)] * 30 + [RawRecord(KEY, BAD, KEY_PARTITION)] * 40)
        yield topic


@pytest.fixture
def settings(topic: str, warehouse_url: str, settings_for: SettingsMaker) -> Settings:
    """For small batches into an empty warehouse of each kind in turn; a flood is more than 10 of 50."""
    return settings_for(topic, warehouse_url, batch=16, dead_share=0.2, dead_window=50)


def stored_counts(settings: Settings) -> tuple[int, int, int]:
    """Rows of the journal, dead letters, and the next offset."""
    with opened(settings.warehouse) as warehouse:
        [rows] = shown(warehouse, "SELECT count() AS n FROM journal")
        [dead] = shown(warehouse, "SELECT count() AS n FROM dead_letters")
        [end] = shown(warehouse, "SELECT max(next_offset) AS n FROM checkpoints")
    return rows["n"], dead["n"], end["n"]


def test_nothing_of_the_batch_is_stored_and_the_next_worker_stops_at_the_same_place(settings: Settings) -> None:
    said = []
    for _ in range(2):
        with pytest.raises(FloodOfDeadLetters) as flood, running(settings) as pipeline:
            fold_some(pipeline, 100)
        said.append(str(flood.value).partition(": nothing was stored")[0])
        rows, dead, end = stored_counts(settings)
        assert rows == end <= 40
        assert dead == rows - 30
    assert said[0] == said[1]
    assert said[0].startswith(
        f"partition {KEY_PARTITION}: 11 of the 50 records up to offset 40 are dead letters (22.0%"
    )
    assert said[0].endswith("the first at offset 30, 11 of them Truncated")


def test_what_somebody_accepts_is_taken_and_stays_accepted_after_a_restart(settings: Settings, kafka: str) -> None:
    fold_to_end(settings.changed(accept_dead_until=f"{KEY_PARTITION}:69"))
    assert stored_counts(settings) == (70, 40, 70)
    write(kafka, settings.log_topic, [RawRecord(KEY, BAD, KEY_PARTITION)] * 10)
    fold_to_end(settings)
    assert stored_counts(settings) == (80, 50, 80)
    write(kafka, settings.log_topic, [RawRecord(KEY, BAD, KEY_PARTITION)])
    with pytest.raises(FloodOfDeadLetters, match=" up to offset 80 are "), running(settings) as pipeline:
        fold_some(pipeline, 100)
    with opened(settings.warehouse) as warehouse:
        [accepted] = shown(warehouse, "SELECT * FROM letter_actions")
    assert (accepted["kind"], accepted["partition"], accepted["offset"]) == ("accept", KEY_PARTITION, 69)
    assert accepted["acted_by"]


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_a_worker_ends_with_1_and_one_sentence_that_says_how_to_go_on(settings: Settings) -> None:
    with worker(settings, "--until-end") as run:
        assert run.end() == 1
    [line] = [line for line in run.stderr.splitlines() if line.startswith("dompet: ")]
    assert line.endswith(f"start the worker with --accept-dead-until {KEY_PARTITION}:40, or a later offset")
    assert "Traceback" not in run.stderr
    with worker(settings, "--until-end", "--accept-dead-until", f"{KEY_PARTITION}:69") as run:
        assert run.end() == 0, run.stderr
    assert stored_counts(settings) == (70, 40, 70)
