"""A log that is not as the journal needs it: what a worker, a sweep, a status and a verification say of it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions  # type: ignore[attr-defined]  # not in its stubs

from dompet.schemas.murmur2 import partition_of
from dompet.streams.settings import Settings
from tests.model.events import Event
from tests.projections.table_values import read_event
from tests.support.command import Ran, dompet
from tests.support.log_reader import read_log
from tests.support.logs import alter, as_record, made_log, write
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.stored import shown
from tests.support.warehouses import opened
from tests.support.workers import run_to_end, until, variables, worker

NOW_US = int(time.time()) * 1_000_000
PEOPLE = ("sw-0", "sw-1", "sw-2", "sw-9")
FOREVER = {"message_timestamp_type": "CreateTime", "message_timestamp_after_max_ms": str(2**63 - 1)}


def credit(person: str, occurred_at: int = NOW_US) -> Event:
    return read_event("e", ["SaldoCredited", person, "2025-05-01"]) | {"occurred_at": occurred_at}


@pytest.fixture
def ahead_of_time(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    """Four wallets credited now; one record's own time was given in microseconds, where milliseconds belong."""
    with made_log(kafka_admin, **FOREVER) as topic:
        events = [as_record(credit(person)) for person in PEOPLE]
        write(kafka, topic, [*events[:-1], events[-1]._replace(timestamp_ms=NOW_US)])
        yield topic


def ran(settings: Settings, folder: Path, *arguments: str) -> Ran:
    return dompet(*arguments, cwd=folder, variables=variables(settings))


def why(settings: Settings) -> str:
    return (
        f"topic {settings.log_topic}: message.timestamp.type is CreateTime, where LogAppendTime is needed: publishers, "
        "not the broker, would say when an event was recorded"
    )


def test_wallets_are_not_revoked_by_a_time_that_a_publisher_gave(
    kafka: str, ahead_of_time: str, settings_for: SettingsMaker, warehouse_url: str, tmp_path: Path
) -> None:
    settings = settings_for(ahead_of_time, warehouse_url, sweep_seconds=0.2, sweep_grace_seconds=0)
    for accepting in (settings, settings.changed(accept_topic_settings=True)):
        with worker(accepting) as run:
            assert run.end() == 2
        [line] = [line for line in run.stderr.splitlines() if line.startswith("dompet: ")]
        assert line.startswith(f"dompet: {why(settings)}")
        assert "Traceback" not in run.stderr
    accepting = settings.changed(accept_topic_settings=True, sweep_seconds=0)
    run_to_end(accepting)
    with opened(settings.warehouse) as warehouse:
        rows = "SELECT outcome, count() AS n, min(recorded_at_us) AS us FROM journal_rows GROUP BY outcome"
        [accepted, dead] = shown(warehouse, f"{rows} ORDER BY outcome")
        assert (accepted["outcome"], accepted["n"], accepted["us"] > 0) == ("accepted", len(PEOPLE) - 1, True)
        assert dead == {"outcome": "dead", "n": 1, "us": 0}
        [letter] = shown(warehouse, "SELECT error, message FROM dead_letters")
        assert letter["error"] == "TimeOutsideLimits"
        assert letter["message"].startswith(f"the record's own timestamp is {NOW_US * 1000} microseconds; it must lie ")
    by_hand = ran(accepting, tmp_path, "sweep", "--as-of", "2099-01-01")
    assert by_hand.code == 2
    assert by_hand.complaint.startswith(f"{why(settings)}: deadlines are not swept by such a log, whatever is accepted")
    assert len(read_log(kafka, ahead_of_time)) == len(PEOPLE)


def test_a_record_that_kept_its_publishers_time_is_refused_though_the_log_is_now_as_it_must_be(
    kafka_admin: AdminClient, ahead_of_time: str, settings_for: SettingsMaker, warehouse_url: str
) -> None:
    alter(kafka_admin, ahead_of_time, "message.timestamp.type", "LogAppendTime")
    settings = settings_for(ahead_of_time, warehouse_url)
    with worker(settings, "--until-end") as run:
        assert run.end() == 1
    [line] = [line for line in run.stderr.splitlines() if line.startswith("dompet: ")]
    assert line.startswith(f"dompet: topic {ahead_of_time}, partition ")
    assert ": the record's time is its publisher's (CreateTime), not the broker's: change the topic, or insist" in line
    run_to_end(settings.changed(accept_topic_settings=True))


def test_what_is_wrong_with_the_log_is_said_by_status_and_verify_until_it_is_accepted(
    ahead_of_time: str, settings_for: SettingsMaker, warehouse_url: str, tmp_path: Path
) -> None:
    settings = settings_for(ahead_of_time, warehouse_url, accept_topic_settings=True)
    fold_to_end(settings)
    refusing = settings.changed(accept_topic_settings=False)
    assert why(settings) in " ".join(ran(refusing, tmp_path, "status").out.split())
    assert json.loads(ran(refusing, tmp_path, "status", "--json").out)["kafka"]["unfit"] == [why(settings)]
    verified = ran(refusing, tmp_path, "verify")
    assert (verified.code, f"DIFFERS   {why(settings)}\n" in verified.out) == (1, True)
    accepted = ran(settings, tmp_path, "verify")
    assert (accepted.code, f"accepted: {why(settings)}\n" in accepted.err) == (0, True), accepted


def test_a_compacted_log_is_refused(kafka_admin: AdminClient, settings_for: SettingsMaker, warehouse_url: str) -> None:
    with made_log(kafka_admin, cleanup_policy="compact") as topic:
        with worker(settings_for(topic, warehouse_url), "--until-end") as run:
            assert run.end() == 2
        said = f"dompet: topic {topic}: cleanup.policy is compact, where delete is needed: all but the last event of a "
        assert run.stderr.startswith(said)
        assert run.stderr.count("\n") == 1


def test_events_of_a_log_that_got_partitions_while_a_worker_runs_are_no_dead_letters(
    kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker, warehouse_url: str
) -> None:
    people = [f"person-{number}" for number in range(60)]
    now_in = {person: partition_of(person.encode(), 18) for person in people}
    assert any(place < 12 and place != partition_of(person.encode(), 12) for person, place in now_in.items())
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url)
        write(kafka, topic, [as_record(credit(person)) for person in people])
        with worker(settings) as run:
            until(run, lambda health: health["records"] == len(people))
            kafka_admin.create_partitions([NewPartitions(topic, 18)])[topic].result()
            write(kafka, topic, [as_record(credit(one))._replace(partition=place) for one, place in now_in.items()])
            assert run.end() == 1
        said = f"dompet: topic {topic}: it has 18 partitions now, and had 12 when this worker started: "
        assert [line for line in run.stderr.splitlines() if line.startswith(said)], run.stderr
        with opened(settings.warehouse) as warehouse:
            assert shown(warehouse, "SELECT count() AS n FROM dead_letters") == [{"n": 0}]
            accepted = "SELECT count() AS n FROM journal WHERE outcome = 'accepted'"
            assert shown(warehouse, accepted) == [{"n": len(people)}]
