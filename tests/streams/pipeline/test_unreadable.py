"""A worker goes on behind what cannot be read of the log, and everybody makes the same of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.streams.dead_letters.letters import letters_at
from dompet.streams.kafka import consumer
from dompet.streams.parsing.places import Place
from dompet.streams.proof.chains import LogChanged
from dompet.streams.rebuild.dry_run import dry_run
from dompet.streams.redrive.drive import JSON, VALUE
from dompet.streams.redrive.letter_items import Correction, item_of
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import OpenClient
from tests.support.crowd import crowd
from tests.support.kafka import LogTopicMaker
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running
from tests.support.raw_batches import ZSTD, Record, batch, send
from tests.support.rebuilding import rebuilt, without_generations
from tests.support.stored import shown
from tests.support.verifying import shorten, verified
from tests.support.warehouses import opened

LARGE = 4_000_000
"""How large a batch may be in these tests to be read at all; half of that, to be read among others."""
EVENTS = [as_record(event) for event in crowd(12, 6)]
ROWS = "SELECT * FROM journal_rows FINAL ORDER BY partition, offset"
DEAD = "SELECT partition, offset, error, value IS NULL AS empty, length(value) AS bytes FROM dead_letters ORDER BY 1, 2"


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "UNPACKED_BYTES", LARGE // 2)
    monkeypatch.setattr(consumer, "UNPACKED_BYTES_MAX", LARGE)
    monkeypatch.setitem(consumer._READING, "message.max.bytes", LARGE // 4)
    monkeypatch.setitem(consumer.TUNING, "message.max.bytes", LARGE // 4)
    shorten(monkeypatch)


@pytest.fixture(scope="module")
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    """Events, and between them in partition 5 a batch that is read with more room, and one that is not read."""
    with made_log(kafka_admin) as topic:
        half = len(EVENTS) // 2
        write(kafka, topic, EVENTS[:half])
        for size in (3 * LARGE // 4, 2 * LARGE):
            send(kafka, topic, 5, batch([(b"k", bytes(size // 3))] * 3, codec=ZSTD))
        write(kafka, topic, EVENTS[half:])
        yield topic


@pytest.fixture
def settings(topic: str, warehouse_url: str, settings_for: SettingsMaker) -> Settings:
    """For a warehouse of each kind in turn."""
    return settings_for(topic, warehouse_url, batch=7, dead_share=1)


def test_what_cannot_be_read_is_a_dead_letter_for_exactly_its_offsets_and_the_partition_goes_on(
    settings: Settings, kafka: str
) -> None:
    with running(settings) as pipeline:
        fold_some(pipeline, 5)  # another worker goes on from its checkpoints
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        rows, dead = shown(warehouse, ROWS), shown(warehouse, DEAD)
        [read] = shown(warehouse, "SELECT count() AS n FROM journal WHERE outcome != 'dead'")
        letters = letters_at(OpenClient(warehouse), [Place(5, dead[-1]["offset"])], settings.log_topic)
    assert read == {"n": len(EVENTS)}
    first = dead[0]["offset"]
    assert [(one["partition"], one["offset"]) for one in dead] == [(5, first + place) for place in range(6)]
    assert [one["error"] for one in dead[3:]] == ["Unreadable"] * 3
    assert [one["empty"] for one in dead] == [0] * 3 + [1] * 3
    assert {one["bytes"] for one in dead[:3]} == {LARGE // 4}
    assert letters[0].message.startswith("the batch cannot be unpacked: damaged, or larger than ")
    for correction in (None, Correction(VALUE, "value", b"bytes")):
        with pytest.raises(DompetError, match=rf"^5:{letters[0].place.offset} has no bytes to publish"):
            item_of(letters[0], correction)
    event = b'{"type": "SurveySubmitted", "event_id": "e-1", "beneficiary_id": "b-1", "publisher_id": "programme", '
    event += b'"occurred_at": "2020-05-01T00:00:00Z", "survey_no": 1}'
    assert item_of(letters[0], Correction(JSON, "line", event)).key == b"b-1"

    report = verified(settings)
    assert (report.differences, report.faults, report.holds) == ([], [], True)
    assert (ran := dry_run(settings, lambda *_: None)).changes == []
    assert (ran.missing, ran.same_outcome) == (0, 0)
    with without_generations(settings.warehouse):
        rebuilt(settings)
        with opened(settings.warehouse) as warehouse:
            assert shown(warehouse, ROWS) == rows


def test_a_record_that_the_log_gave_and_gives_no_more_is_a_difference_and_stops_a_worker(
    kafka: str, log_topic: LogTopicMaker, settings_for: SettingsMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = log_topic(partitions=1)
    write(kafka, topic, EVENTS[:9])
    records: list[Record] = [*((one.key, one.value) for one in EVENTS[9:11]), *[(b"k", bytes(LARGE))] * 2]
    begin = send(kafka, topic, 0, batch(records, codec=ZSTD))
    settings = settings_for(topic, f"chdb://{tmp_path}/warehouse", dead_share=1)
    with monkeypatch.context() as patched:
        patched.setattr(consumer, "UNPACKED_BYTES", 4 * LARGE)
        fold_to_end(settings)
        assert verified(settings).holds
    says = "the log is damaged, and no longer gives the record here: the batch cannot be unpacked"
    [difference] = verified(settings).differences
    assert str(difference).startswith(f"log: partition 0, offset {begin}: {says}")
    changed = r"what the log holds from offset 0 to 12 is not what the journal was made from"
    with running(settings) as pipeline, pytest.raises(LogChanged, match=changed):
        fold_some(pipeline, 1)
