"""How far a pipeline is: what the log holds, what of it is in the warehouse, and which versions work here.

`status` gives plain data, for the worker's page and for scripts; the command renders it.
"""

import json
from typing import Any, Final

from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.admin import admin_client, broker_version, cluster, log_offsets
from dompet.streams.kafka.holes import first_records
from dompet.streams.kafka.producer import without_passwords
from dompet.streams.kafka.topics import unfit
from dompet.streams.kafka.transactions import described
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse

_TABLES: Final = ("journal", "wallets", "orders", "rejections", "dead_letters")
_VIEWS: Final = "SELECT name FROM system.tables WHERE database = currentDatabase()"
_CHECKPOINTS: Final = "SELECT cluster_id, topic, partition, next_offset FROM checkpoints"
_GENERATIONS: Final = (
    "SELECT number, state, toString(since) AS since FROM generations WHERE state != 'discarded' ORDER BY number"
)


def status(settings: Settings, warehouse: Warehouse) -> dict[str, Any]:
    """All of it. A Kafka that is away takes nothing from what the warehouse answers: `error` says so then."""
    views = {row["name"] for row in rows(warehouse, _VIEWS)}
    checkpoints = rows(warehouse, _CHECKPOINTS) if "checkpoints" in views else []
    return {
        "kafka": _kafka(settings, checkpoints),
        "warehouse": {
            "url": settings.warehouse_shown,
            "version": warehouse.version(),
            "generations": rows(warehouse, _GENERATIONS) if "generations" in views else [],
            "rows": {name: _count(warehouse, name) if name in views else None for name in _TABLES},
        },
    }


def rows(warehouse: Warehouse, sql: str) -> list[dict[str, Any]]:
    """The result of a query, the same from every kind of warehouse."""
    return [json.loads(line) for line in warehouse.answer(sql, "JSONEachRow").splitlines()]


def lag(settings: Settings, admin: AdminClient, warehouse: Warehouse) -> int:
    """How many records of the log are not in the warehouse, of which the tables must be there."""
    found = _partitions(settings, admin, rows(warehouse, _CHECKPOINTS), str(cluster(admin).cluster_id))
    return sum(partition["lag"] for partition in found)


def _partitions(
    settings: Settings, admin: AdminClient, checkpoints: list[dict[str, Any]], cluster_id: str
) -> list[dict[str, int]]:
    """Each partition of the log: its first offset, its end, the last stable offset, where readers end, its checkpoint,
    and its lag in records. Offsets without a record are no lag, and what is behind an open transaction is none yet.
    """
    topic, kafka = settings.log_topic, settings.kafka_settings()
    offsets, stable = log_offsets(admin, topic), log_offsets(admin, topic, settled=True)
    stored = {
        int(one["partition"]): int(one["next_offset"])
        for one in checkpoints
        if (one["cluster_id"], one["topic"]) == (cluster_id, topic)
    }
    reached = {partition: stored.get(partition, first) for partition, (first, _) in offsets.items()}
    unread = {partition: (reached[partition], end) for partition, (_, end) in stable.items() if partition in reached}
    records = first_records(kafka, topic, unread)
    return [
        {
            "partition": partition,
            "first_offset": first,
            "end_offset": end,
            "stable_offset": min(stable[partition][1], end),
            "checkpoint": reached[partition],
            "lag": max(stable[partition][1] - records[partition], 0) if partition in records else 0,
        }
        for partition, (first, end) in offsets.items()
    ]


def _count(warehouse: Warehouse, table: str) -> int:
    return int(rows(warehouse, f"SELECT count() AS rows FROM {table}")[0]["rows"])  # noqa: S608


def _of_others(checkpoints: list[dict[str, Any]], cluster_id: str, settings: Settings) -> list[str]:
    """A sentence where the warehouse has this topic's log from other clusters than this one alone."""
    found = {one["cluster_id"] for one in checkpoints if one["topic"] == settings.log_topic}
    if not found or cluster_id in found:
        return []
    return [
        f"the warehouse holds {settings.log_topic} of another Kafka, cluster {', '.join(sorted(found))}, and nothing "
        "of the one asked here: is it another that is meant (--kafka), or another warehouse (--warehouse)?"
    ]


def _kafka(settings: Settings, checkpoints: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"servers": without_passwords(settings.kafka or ""), "topic": settings.log_topic}
    if not settings.kafka:
        return {**found, "error": "no Kafka is set, and none runs here: `dompet broker` starts one"}
    try:
        admin = admin_client(settings)
        answer = cluster(admin)
        found["partitions"] = _partitions(settings, admin, checkpoints, str(answer.cluster_id))
        behind = {
            one["partition"]: (one["stable_offset"], one["end_offset"])
            for one in found["partitions"]
            if one["stable_offset"] < one["end_offset"]
        }
        transactions = described(settings.kafka_settings(), settings.log_topic, behind)
        faults = [*unfit(admin, settings.topics), *_of_others(checkpoints, str(answer.cluster_id), settings)]
    except DompetError as error:
        return {**found, "error": str(error)}
    return {
        **found,
        "cluster_id": answer.cluster_id,
        "brokers": len(answer.brokers),
        "version": broker_version(admin, min(answer.brokers)),
        "open_transactions": [str(one) for one in transactions],
        "unfit": faults,
    }
