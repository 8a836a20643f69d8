"""Workers that are stopped or killed in the middle of folding, at any moment, leave nothing that the next cannot go on
from.
"""

import signal
from functools import partial
from random import Random
from typing import Any

from confluent_kafka.admin import AdminClient

from tests.support.crowd import crowd
from tests.support.logs import as_record, corpus
from tests.support.modelled import assert_checkpoints_hold, assert_whole, modelled_log
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.warehouses import opened
from tests.support.workers import until, worker

BATCH = 20
ENDINGS = {"embedded": [signal.SIGKILL, signal.SIGKILL], "server": [signal.SIGTERM, signal.SIGKILL]}


def has_stored(enough: int, health: dict[str, Any]) -> bool:
    """Whether a worker says that it stored so many records."""
    return bool(health["records"] >= enough)


def test_the_journal_is_that_of_a_worker_that_nobody_disturbed(
    kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker, warehouse_kind: str, warehouse_url: str
) -> None:
    rng, stored = Random(5), 0
    records = [*map(as_record, crowd(5, 10)), *corpus(), *map(as_record, crowd(6, 3))]
    with modelled_log(kafka, kafka_admin, records) as log:
        for number, ending in enumerate(ENDINGS[warehouse_kind]):
            # A group of its own: the killed one's would wait until the broker misses its member.
            with worker(settings_for(log.topic, warehouse_url, batch=BATCH, group=f"killed-{number}")) as run:
                until(run, partial(has_stored, rng.randint(1, len(records) // 6)))
                code = run.end(ending)
            assert code == (0 if ending is signal.SIGTERM else -ending), run.stderr
            with opened(warehouse_url) as warehouse:
                before, stored = stored, assert_checkpoints_hold(warehouse)
            assert before < stored < len(records), "it was not stopped in the middle"
        fold_to_end(settings_for(log.topic, warehouse_url))
        with opened(warehouse_url) as warehouse:
            assert assert_checkpoints_hold(warehouse) == len(records)
            assert_whole(warehouse, log)
