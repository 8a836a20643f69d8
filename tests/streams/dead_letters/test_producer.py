"""`dompet dead-letters`: what is shown of letters, and to whom; discarding; and every bad byte in its place."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.settings import Settings
from tests.bench.poison import SHARE, events
from tests.support.command import Ran, dompet
from tests.support.letters import NAMED, RECORDS, cut, place, purchase, redriven
from tests.support.logs import RawRecord, made_log, write
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.poison import in_the_table, on_the_topic, poisoned, poisons, publish
from tests.support.warehouses import empty_warehouse, opened, rows_of
from tests.support.workers import variables

NIK = "3171234567890123"
FIXED = {
    "type": "CoursePurchased", "event_id": "fixed", "beneficiary_id": "broken", "publisher_id": "toko",
    "occurred_at": "2020-04-10T12:00:00Z", "platform_id": "toko", "order_id": "o-1", "course_id": "k",
    "institution_id": "i", "price": 100_000, "commission": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def settings(kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker) -> Iterator[Settings]:
    """For the log, folded into an embedded warehouse."""
    with made_log(kafka_admin) as topic, empty_warehouse("embedded", "") as url:
        write(kafka, topic, RECORDS)
        settings = settings_for(topic, url)
        fold_to_end(settings)
        yield settings


def run(settings: Settings, *arguments: str, folder: Path, stdin: bytes = b"") -> Ran:
    return dompet(*arguments, cwd=folder, stdin=stdin, variables=variables(settings))


def listed(settings: Settings, *filters: str, folder: Path) -> list[dict[str, object]]:
    ran = run(settings, "dead-letters", "list", *filters, "--format", "JSONEachRow", folder=folder)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def test_letters_are_counted_by_reason_and_listed_without_their_content(settings: Settings, tmp_path: Path) -> None:
    page = run(settings, "dead-letters", "list", folder=tmp_path).out
    assert "By reason" in page
    assert all(name in page for name in ("BadMagic", "NationalId", "NullValue", "Truncated", "WrongPartition"))
    assert NIK not in page
    assert len(listed(settings, folder=tmp_path)) == 5


def test_filters_find_letters_by_reason_publisher_partition_and_time(settings: Settings, tmp_path: Path) -> None:
    def errors(*filters: str) -> list[str]:
        return sorted(str(row["error"]) for row in listed(settings, *filters, folder=tmp_path))

    assert errors("--reason", "Truncated") == ["Truncated"]
    assert errors("--publisher", "toko") == ["Truncated", "WrongPartition"]
    assert errors("--publisher", "tokopedia") == ["NationalId"]
    assert errors("--publisher", "unknown") == ["BadMagic", "NullValue"]
    where = place(str(settings.kafka), settings.log_topic, cut(purchase("broken")))
    assert "Truncated" in errors("--partition", str(where.partition))
    assert errors("--since", "2099-01-01") == errors("--until", "2000-01-01") == []
    assert len(errors("--since", "2020-01-01", "--until", "2099-01-01", "--open")) == 5


def test_a_letter_is_shown_with_its_origin_its_fault_its_bytes_and_what_followed(
    settings: Settings, tmp_path: Path
) -> None:
    record = cut(purchase("broken"))
    where = place(str(settings.kafka), settings.log_topic, record)
    ran = run(settings, "dead-letters", "show", str(where), "--save", "value", folder=tmp_path)
    assert (tmp_path / "value").read_bytes() == record.value
    facts = dict(line.split(maxsplit=1) for line in map(str.strip, ran.out.splitlines()[:7]))
    assert (facts["partition"], facts["offset"], facts["error"]) == (*map(str, where), "Truncated")
    assert facts["publisher"] == "toko"
    assert "00000000  00 00 00 03 ea " in ran.out
    assert "Later events of this person that were rejected" in ran.out
    assert "CourseCompleted  o-1       unknown_order" in ran.out
    assert run(settings, "dead-letters", "show", "0:999", folder=tmp_path).complaint == (
        "there is no dead letter at 0:999"
    )
    assert "it must be PARTITION:OFFSET" in run(settings, "dead-letters", "show", "x", folder=tmp_path).complaint


def test_a_national_id_is_masked_unless_asked_for(settings: Settings, tmp_path: Path) -> None:
    bad = NAMED["a national id"]
    where = place(str(settings.kafka), settings.log_topic, RawRecord(bad.key, bad.value))
    page = run(settings, "dead-letters", "show", str(where), folder=tmp_path)
    digits = " ".join(f"{byte:02x}" for byte in NIK[:8].encode())
    assert NIK[:8] not in page.out
    assert digits not in page.out
    assert "--personal shows it" in page.err
    assert digits in run(settings, "dead-letters", "show", str(where), "--personal", folder=tmp_path).out


def test_text_that_is_no_event_is_shown_as_text(settings: Settings, tmp_path: Path) -> None:
    bad = NAMED["JSON instead of Avro"]
    where = place(str(settings.kafka), settings.log_topic, RawRecord(bad.key, bad.value))
    assert '\n{"type": "SurveySubmitted"}\n' in run(settings, "dead-letters", "show", str(where), folder=tmp_path).out


def test_discarding_says_who_and_why_and_redriving_is_reported(settings: Settings, tmp_path: Path) -> None:
    bad = NAMED["no value"]
    where = str(place(str(settings.kafka), settings.log_topic, RawRecord(bad.key, bad.value)))
    assert run(settings, "dead-letters", "discard", "--because", "x", folder=tmp_path).complaint.startswith("say which")
    made = run(settings, "dead-letters", "discard", where, "--because", "a tombstone", "--by", "ani", folder=tmp_path)
    assert (made.code, made.err) == (0, "✓ discarded 1 dead letter\n")
    [row] = listed(settings, "--reason", "NullValue", folder=tmp_path)
    assert (row["status"], row["acted_by"]) == ("discarded", "ani")
    page = run(settings, "dead-letters", "show", where, folder=tmp_path).out
    assert "discard, done" in page
    assert "a tombstone" in page


def test_a_letter_is_redriven_by_commands_once(settings: Settings, tmp_path: Path) -> None:
    where = str(place(str(settings.kafka), settings.log_topic, cut(purchase("broken"))))
    command = ("dead-letters", "redrive", where)
    (tmp_path / "fixed.json").write_text(json.dumps(FIXED))
    (tmp_path / "wrong.json").write_text(json.dumps(FIXED | {"price": "x"}))
    assert "(--even-if-dead)" in run(settings, *command, folder=tmp_path).complaint
    wrong = run(settings, *command, "--json", "wrong.json", folder=tmp_path).complaint
    assert wrong.startswith("wrong.json: CoursePurchased: price ")
    dry = run(settings, *command, "--json", "fixed.json", "--dry-run", folder=tmp_path)
    assert (dry.code, dry.out.count("unknown_order")) == (0, 2)
    assert redriven(str(settings.kafka), settings.log_topic) == []
    ran = run(settings, *command, "--json", "-", folder=tmp_path, stdin=json.dumps(FIXED).encode())
    assert ran.err == "✓ redrove 3 records\n"
    again = run(settings, *command, "--json", "fixed.json", folder=tmp_path)
    assert (again.code, "it was redriven at " in again.complaint) == (2, True)
    assert len(redriven(str(settings.kafka), settings.log_topic)) == 3
    [row] = listed(settings, "--reason", "Truncated", folder=tmp_path)
    assert row["status"] == "redriven"
    page = run(settings, "rejections", "redrive", "--reason", "unknown_order", "--dry-run", folder=tmp_path).out
    assert page.count("it was redriven at ") == 2


def test_dead_letters_that_are_pending_are_shown_and_not_stored(settings: Settings, kafka: str, tmp_path: Path) -> None:
    write(kafka, settings.log_topic, [RawRecord(b"ahead", b"\x01" * 9)] * 3)
    page = run(settings, "dead-letters", "pending", folder=tmp_path)
    assert (page.code, "BadMagic (3)" in page.out) == (0, True)
    assert len(listed(settings, folder=tmp_path)) == 5


def test_every_poison_is_a_dead_letter_with_its_bytes_unchanged(
    warehouse_url: str, kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker
) -> None:
    bad = poisons(20_000 // SHARE, examples=300)
    with made_log(kafka_admin) as topic:
        letters = publish(kafka, topic, poisoned(events(20_000 - len(bad)), bad, SHARE - 1))
        assert len(letters) == len(bad)
        settings = settings_for(topic, warehouse_url, batch=3_000)
        fold_to_end(settings)
        with opened(warehouse_url) as warehouse:
            assert in_the_table(warehouse) == letters
            assert rows_of(warehouse, "SELECT count() AS n FROM journal WHERE outcome = 'accepted'")[0]["n"] == 19_800
        assert on_the_topic(kafka, topic) == letters
