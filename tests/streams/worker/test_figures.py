"""A worker's figures, readiness and log, on either warehouse: what they say is what was on the log."""

import json
import signal
import time
from collections import Counter
from datetime import datetime

from confluent_kafka.admin import AdminClient

from dompet.infra.ports import free_port
from dompet.streams.metrics.declaration import STEPS, Part
from dompet.streams.proof.healths import mean_ms, worker_healths
from dompet.streams.settings import Settings
from tests.schemas.corpus import BAD
from tests.support.command import dompet
from tests.support.crowd import crowd
from tests.support.figures import Figures, figures_where
from tests.support.logs import RawRecord, as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.stored import shown
from tests.support.warehouses import opened
from tests.support.workers import get, until, variables, worker

EVENTS = [as_record(event) for event in crowd(4, 30)]
DEAD = [RawRecord(bad.key, bad.value) for bad in BAD[:3]]
TOTAL = len(EVENTS) + len(DEAD)
FIELDS = {"time", "level", "logger", "process", "message"}


def objects(stderr: str) -> list[dict[str, object]]:
    """Each line as an object with the fields that all have."""
    found = [json.loads(line) for line in stderr.splitlines()]
    for one in found:
        assert one.keys() >= FIELDS
        assert datetime.fromisoformat(str(one["time"])).tzinfo is not None
    return found


def assert_counted(found: Figures, settings: Settings) -> None:
    """They are what the journal says."""
    with opened(settings.warehouse) as warehouse:
        journal = shown(warehouse, "SELECT outcome, reason, count() AS n FROM journal GROUP BY outcome, reason")
        counts = {of: shown(warehouse, f"SELECT count() AS n FROM {of}")[0]["n"] for of in ("wallets", "orders")}
    outcomes: Counter[str] = Counter()
    for row in journal:
        outcomes[row["outcome"]] += row["n"]
    for outcome in ("accepted", "duplicate", "rejected", "dead"):
        assert found.of("dompet_records_total", outcome=outcome) == outcomes[outcome], outcome
    rejected = {row["reason"]: row["n"] for row in journal if row["outcome"] == "rejected"}
    assert rejected
    for reason, count in rejected.items():
        assert found.of("dompet_rejections_total", reason=reason) == count, reason
    assert found.sum("dompet_rejections_total") == sum(rejected.values())
    for bad, count in Counter(bad.expected.__name__ for bad in BAD[:3]).items():
        assert found.of("dompet_dead_letters_total", reason=bad) == count
    for of, count in counts.items():
        assert found.of("dompet_state_rows", of=of) == count


def test_a_worker_says_in_figures_and_in_json_what_it_did(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker
) -> None:
    port = free_port()
    with made_log(kafka_admin) as topic:
        settings = settings_for(
            topic, warehouse_url, worker_metrics_port=port, dead_share=1, progress_seconds=0.2, log_format="json"
        )
        write(kafka, topic, [*EVENTS, *DEAD])
        with worker(settings) as run:
            until(run, lambda health: health["records"] == TOTAL and not health["lag"])
            found = figures_where(port, lambda one: one.sum("dompet_records_total") == TOTAL)
            found.assert_declared(Part.WORKER)
            partitions = {one.labels["partition"] for one in found.families["dompet_lag_records"].samples}
            assert len(partitions) == len(found.families["dompet_checkpoint_age_seconds"].samples) > 1
            assert (found.sum("dompet_lag_records"), found.of("dompet_rebalances_total")) == (0, 1)
            assert found.of("dompet_recovery_seconds_count") == 1
            batches = found.of("dompet_batches_total")
            assert batches
            for step in STEPS:
                assert found.of("dompet_batch_seconds_count", step=step) == batches, step
            assert (found.of("dompet_outages_total"), found.of("dompet_outages_open")) == (0, 0)
            assert found.of("dompet_verify_holds") is None
            [health] = worker_healths(settings)
            assert health["records"] == TOTAL
            assert mean_ms([health]).keys() == set(STEPS)
            assert worker_healths(settings.changed(log_topic="another.log")) == []
            assert (get(run, "/ready")[0], json.loads(get(run, "/ready")[1])) == (200, {"status": "ok", "reason": ""})
            time.sleep(1)  # five intervals, after which a line has said the last of the work
            assert run.end(signal.SIGTERM) == 0, run.stderr
        assert_counted(found, settings)
        assert (worker_healths(settings), mean_ms([])) == ([], {})
        assert dompet("verify", cwd=settings.home.parent, variables=variables(settings)).code == 0
        with worker(settings) as again:
            found = figures_where(port, lambda one: one.of("dompet_verify_holds") is not None)
            assert (found.of("dompet_verify_holds"), found.of("dompet_verify_differences")) == (1, 0)
            assert again.end(signal.SIGTERM) == 0
    lines = objects(run.stderr)
    assert {one["process"] for one in lines} == {"worker"}
    progress = [one for one in lines if one["logger"] == "dompet.worker" and "records" in one]
    assert (progress[-1]["records"], progress[-1]["dead_letters"]) == (TOTAL, len(DEAD))
    assert str(progress[-1]["message"]).startswith(f"{TOTAL:,} records stored")
    assert str(progress[-1]["message"]).endswith(f"; {progress[-1]['lag']:,} wait in the log")
    assert not any(event.key and event.key.decode() in run.stderr for event in EVENTS), "nobody's id is in a log"


def test_a_worker_that_cannot_work_is_not_ready_and_says_so_in_json(
    kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker
) -> None:
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url, log_format="json")
        with worker(settings.changed(kafka="127.0.0.1:1")) as run:
            assert run.end() == 2
    [last] = [one for one in objects(run.stderr) if one["level"] == "ERROR"]
    assert "127.0.0.1:1" in str(last["message"])
    assert not str(last["message"]).startswith("dompet: ")
