"""`dompet status`: it speaks of the Kafka that was named, and of no other."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.answers.status import status as status_of
from dompet.streams.settings import Settings
from tests.support.command import dompet
from tests.support.crowd import crowd
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.warehouses import opened
from tests.support.workers import run_to_end, until, variables, worker

EVENTS = [as_record(event) for event in crowd(2, 3)]


def kafka_said(settings: Settings, folder: Path, *arguments: str) -> dict[str, Any]:
    ran = dompet("status", "--json", *arguments, cwd=folder, variables=variables(settings))
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)["kafka"]
    return found


def test_the_broker_that_is_named_is_shown_or_a_sentence_also_beside_a_worker_on_another(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url)
        write(kafka, topic, EVENTS)
        with worker(settings) as run:
            until(run, lambda health: health["records"] == len(EVENTS))
            right = kafka_said(settings, tmp_path)
            assert (right["servers"], sum(one["end_offset"] for one in right["partitions"])) == (kafka, len(EVENTS))
            assert right["unfit"] == []
            wrong = kafka_said(settings, tmp_path, "--kafka", "127.0.0.1:1")
    assert wrong["servers"] == "127.0.0.1:1"
    assert "127.0.0.1:1" in wrong["error"]
    assert "partitions" not in wrong


@pytest.mark.parametrize("warehouse_kind", ["embedded"])
def test_a_warehouse_of_another_kafka_is_said_to_be_one(
    kafka: str, kafka_admin: AdminClient, warehouse_url: str, settings_for: SettingsMaker
) -> None:
    with made_log(kafka_admin) as topic:
        settings = settings_for(topic, warehouse_url)
        write(kafka, topic, EVENTS)
        run_to_end(settings)
        with opened(warehouse_url) as warehouse:
            rows = warehouse.read("SELECT * FROM checkpoint_rows FINAL")
            warehouse.execute("TRUNCATE TABLE checkpoint_rows")
            elsewhere = pa.array(["elsewhere"] * rows.num_rows)
            place = rows.column_names.index("cluster_id")
            warehouse.insert("checkpoint_rows", rows.set_column(place, "cluster_id", elsewhere))
            [sentence] = status_of(settings, warehouse)["kafka"]["unfit"]
    assert sentence.startswith(f"the warehouse holds {topic} of another Kafka, cluster elsewhere, and nothing of the")
