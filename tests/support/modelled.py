"""Logs on a real Kafka with what the model says of them, and warehouses held to it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from confluent_kafka.admin import AdminClient

from dompet.streams.warehouse import Warehouse
from tests.model import Model, Rulebook
from tests.model.events import Event
from tests.support.folding import Modelling, Row, differences
from tests.support.log_reader import LogRecord, read_log
from tests.support.logs import RawRecord, as_record, corpus, expected_journal, made_log, write
from tests.support.stored import as_journal, as_orders, as_wallets, shown, stored_rows, types_of


class ModelledLog(NamedTuple):
    """A log, and what should become of it."""

    topic: str
    records: list[LogRecord]
    rows: list[Row]
    model: Model

    @property
    def dead(self) -> list[LogRecord]:
        """The records that no one can read."""
        return [record for record, row in zip(self.records, self.rows, strict=True) if row["outcome"] == "dead"]


def with_bad_records(events: Iterable[Event]) -> list[RawRecord]:
    """The events' records, with every eighth bad record of the corpus among them."""
    records = [as_record(event) for event in events]
    for at, bad in enumerate(corpus()[::8]):
        records.insert(10 * at, bad)
    return records


@contextmanager
def modelled_log(kafka: str, admin: AdminClient, records: Iterable[RawRecord]) -> Iterator[ModelledLog]:
    """A log of these records, of which those of the corpus are bad."""
    model = Model(Rulebook.load())
    with made_log(admin) as topic:
        write(kafka, topic, records)
        found = read_log(kafka, topic)
        yield ModelledLog(topic, found, expected_journal(found, corpus(), Modelling(model)), model)


def assert_whole(warehouse: Warehouse, log: ModelledLog) -> None:
    """The warehouse holds all that the log says, each row once, and shows it."""
    assert differences(stored_rows(warehouse), log.rows) == []
    assert shown(warehouse, "SELECT * FROM journal ORDER BY partition, offset") == [as_journal(row) for row in log.rows]
    wallets, orders = (types_of(warehouse, view) for view in ("wallets", "orders"))
    assert shown(warehouse, "SELECT * FROM wallets ORDER BY beneficiary_id") == as_wallets(log.model, wallets)
    by_key = "ORDER BY beneficiary_id, platform_id, order_id"
    assert shown(warehouse, f"SELECT * FROM orders {by_key}") == as_orders(log.model, orders)
    dead = shown(warehouse, "SELECT partition, offset FROM dead_letters ORDER BY partition, offset")
    assert [(one["partition"], one["offset"]) for one in dead] == [(one.partition, one.offset) for one in log.dead]


def assert_checkpoints_hold(warehouse: Warehouse) -> int:
    """No checkpoint vouches for a row that the journal has not; how many rows it has."""
    checkpoints = shown(warehouse, "SELECT * FROM checkpoints ORDER BY partition")
    below = [f"(partition = {one['partition']} AND offset < {one['next_offset']})" for one in checkpoints]
    counted = shown(
        warehouse,
        "SELECT partition, count() AS total_rows FROM journal_rows FINAL"
        f" WHERE {' OR '.join(below) or '0'} GROUP BY partition ORDER BY partition",
    )
    assert [row["total_rows"] for row in counted] == [one["total_rows"] for one in checkpoints]
    assert [row["total_rows"] for row in counted] == [one["next_offset"] for one in checkpoints]
    [rows] = shown(warehouse, "SELECT count() AS n FROM journal")
    return int(rows["n"])
