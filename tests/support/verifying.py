"""A small log that was folded, with short segments, so that it has many; and ways to harm what was made of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from aiokafka.record.util import calc_crc32c
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.streams.settings import Settings
from dompet.streams.verify.report import Report
from dompet.streams.verify.run import Options, verify
from dompet.streams.warehouse import Warehouse
from tests.support.crowd import crowd
from tests.support.logs import as_record, corpus, made_log, write
from tests.support.stored import delete
from tests.support.warehouses import opened

SEGMENT = 16
"""Offsets in a segment and in a window of comparison, here."""


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short segments and windows."""
    for name in ("proof.chain", "proof.chains", "verify.chain_check"):
        monkeypatch.setattr(f"dompet.streams.{name}.SEGMENT", SEGMENT)
    for name in ("expected", "stored_rows", "explain"):
        monkeypatch.setattr(f"dompet.streams.verify.{name}.WINDOW", SEGMENT)


@contextmanager
def written_log(kafka: str, admin: AdminClient, seed: int = 7, people: int = 12) -> Iterator[str]:
    """A log with many people's events and the bad records of the corpus; its topic."""
    with made_log(admin) as topic:
        records = [as_record(event) for event in crowd(seed, people)]
        for begin in range(0, len(records), 100):  # several batches of Kafka's
            write(kafka, topic, records[begin : begin + 100])
        write(kafka, topic, corpus())
        yield topic


def verified(settings: Settings, **asked: Any) -> Report:
    """What `dompet verify` finds."""
    return verify(settings, Options(**asked), lambda done, total: None)


@contextmanager
def repaired(settings: Settings, *tables: str) -> Iterator[None]:
    """Whatever the block does to these tables: afterwards they hold what they held before, each row once."""
    with opened(settings.warehouse) as warehouse:
        before = {table: warehouse.read(f"SELECT * FROM {table} FINAL") for table in tables}
    try:
        yield
    finally:
        with opened(settings.warehouse) as warehouse:
            for table, rows in before.items():
                warehouse.execute(f"TRUNCATE TABLE {table}")
                warehouse.insert(table, rows)


def change(settings: Settings, table: str, where: str, **values: int) -> Mapping[str, Any]:
    """Change columns of a row, as somebody might who can write to the warehouse; the row as it was."""
    with opened(settings.warehouse) as warehouse:
        rows = warehouse.read(f"SELECT * FROM {table} FINAL WHERE {where} LIMIT 1")
        assert rows.num_rows == 1
        before: Mapping[str, Any] = rows.to_pylist()[0]
        insert(warehouse, table, rows, values)
        return before


def insert(warehouse: Warehouse, table: str, rows: pa.Table, values: Mapping[str, int]) -> None:
    """Insert rows with these values in them."""
    for name, value in values.items():
        at = rows.column_names.index(name)
        column = pa.array([value] * rows.num_rows, rows.schema.field(name).type)
        rows = rows.set_column(at, name, column)
    warehouse.insert(table, rows)


def forget(warehouse: Warehouse, table: str, row: Mapping[str, Any]) -> None:
    """Take a wallet or an order out, with what is stored of its earlier versions, which would come back otherwise."""
    keys = [(name, row[name]) for name in ("beneficiary_id", "platform_id", "order_id") if name in row]
    texts = [(name, key if isinstance(key, bytes) else key.encode()) for name, key in keys]
    delete(warehouse, table, " AND ".join(f"hex({name}) = '{text.hex().upper()}'" for name, text in texts))


class Segment:
    """The file in which the broker keeps a partition."""

    def __init__(self, broker: LocalBroker, topic: str, partition: int) -> None:
        self._file: Path = broker.home / "kafka-data" / f"{topic}-{partition}" / f"{0:020d}.log"

    def flip(self, text: bytes, *, mend_checksum: bool) -> int:
        """Change a bit of the last byte of the first place where the text stands; its batch's first offset."""
        content = bytearray(self._file.read_bytes())
        place = content.index(text) + len(text) - 1
        content[place] ^= 1
        return self._write(content, place, mend_checksum=mend_checksum)

    def change_codec(self, text: bytes, codec: int) -> int:
        """Say of the batch in which the text stands that it is compressed otherwise; its first offset."""
        content = bytearray(self._file.read_bytes())
        place = content.index(text)
        content[self._batch(content, place)[0] + 22] = codec
        return self._write(content, place, mend_checksum=True)

    def _batch(self, content: bytearray, place: int) -> tuple[int, int]:
        """Where the batch begins and ends that is around a place."""
        begin = 0
        while (end := begin + 12 + int.from_bytes(content[begin + 8 : begin + 12], "big")) <= place:
            begin = end
        return begin, end

    def _write(self, content: bytearray, place: int, *, mend_checksum: bool) -> int:
        begin, end = self._batch(content, place)
        if mend_checksum:
            content[begin + 17 : begin + 21] = calc_crc32c(bytes(content[begin + 21 : end])).to_bytes(4, "big")
        self._file.write_bytes(content)
        return int.from_bytes(content[begin : begin + 8], "big")
