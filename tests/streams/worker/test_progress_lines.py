"""A worker says how far it is, at intervals, while there is work."""

import re
import signal
import time

from confluent_kafka.admin import AdminClient

from tests.schemas.corpus import BAD
from tests.support.crowd import crowd
from tests.support.logs import RawRecord, as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.workers import until, worker

LINE = re.compile(
    r"INFO +dompet\.worker: ([\d,]+) records? stored, [\d,]+ a second, of them ([\d,]+) rejected"
    r" and ([\d,]+) dead letters?; ([\d,]+) wait in the log$",
    re.M,
)


def test_lines_say_what_is_stored_rejected_dead_and_waits_and_cease_with_the_work(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker
) -> None:
    unknown = [as_record(event) for event in crowd(2, 20) if event["type"] == "CourseRedeemed"][:5]
    dead = [RawRecord(bad.key, bad.value) for bad in BAD[:3]]
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url, progress_seconds=0.2, dead_share=1)
        write(kafka, topic, [*unknown, *dead])
        total = len(unknown) + len(dead)
        with worker(settings) as run:
            until(run, lambda health: health["records"] == total and not health["lag"])
            time.sleep(1)  # five more intervals, in which nothing is to be said
            assert run.end(signal.SIGTERM) == 0
    assert unknown
    lines = LINE.findall(run.stderr)
    assert lines[-1] == (str(total), str(len(unknown)), str(len(dead)), "0")
    assert len([one for one in lines if one[-1] == "0"]) <= 2, "the last of the work, and at most one before it"


def test_a_worker_that_shall_say_nothing_says_nothing(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker
) -> None:
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url, progress_seconds=0)
        write(kafka, topic, [as_record(event) for event in crowd(2, 3)])
        with worker(settings) as run:
            until(run, lambda health: health["records"] > 0 and not health["lag"])
            assert run.end(signal.SIGTERM) == 0
    assert not LINE.findall(run.stderr)
