"""The catalogue into the warehouse: every worker reads the whole topic when it starts, and then follows it.

The warehouse keeps no place to go on from: the topic is small, rows replace themselves, and so a new warehouse, or one
that lost rows, is made whole. Several workers write the same rows, which changes nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dompet.streams.catalogue.rows import catalogue_tables
from dompet.streams.catalogue.topic import CatalogueReader, CatalogueRecord, ListingKey
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.catalogue_tables import TABLES, Table
from dompet.streams.warehouse.texts import text_rows


@dataclass(frozen=True)
class CatalogueBatch:
    """Records of the topic, in its order; `end` is where the topic ended, once that was reached."""

    records: list[CatalogueRecord]
    end: int | None


class CatalogueFeed:
    """Copies the topic into the warehouse. For one thread; `close` it. Raises CatalogueUnreadable, WarehouseError."""

    def __init__(self, kafka: Mapping[str, Any], topic: str, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._reader = CatalogueReader(kafka, topic)
        self._listed: set[ListingKey] = set()
        self.counts: Mapping[str, int] = {}
        """How many listings are stored, by type."""
        self.caught_up = False
        """Whether all that the topic held at the start is in the warehouse."""

    def step(self) -> int:
        """Read and store what came; how many records."""
        batch = self.read()
        self.store(batch)
        return len(batch.records)

    def read(self) -> CatalogueBatch:
        """What came; comes back after a moment where nothing did."""
        records = self._reader.read()
        return CatalogueBatch(records, self._reader.end)

    def store(self, batch: CatalogueBatch) -> None:
        """Store a batch. The first one that reached the topic's end also takes back what the topic forgot."""
        self._store(batch.records)
        for record in batch.records:
            (self._listed.discard if record.listing is None else self._listed.add)(record.key)
        if not self.caught_up and batch.end is not None:
            self._store(self._forgotten(batch.end))
            self.caught_up = True
        if batch.records:
            self.counts = Counter(key.type_name for key in self._listed)

    @property
    def passed_over(self) -> int:
        """How many records of the topic break their contract, of those that were read."""
        return self._reader.passed_over

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()

    def _store(self, records: list[CatalogueRecord]) -> None:
        for table, rows in catalogue_tables(records).items():
            self._warehouse.insert(table, rows)

    def _forgotten(self, end: int) -> list[CatalogueRecord]:
        """Listings that the topic does not name any more: they were taken back, and compaction then took that record
        away, too, while no worker ran. The row that removes one is no newer than any later record of its key.
        """
        return [
            CatalogueRecord(version, key, None)
            for type_name, table in TABLES.items()
            for key, version in self._stored(type_name, table, end).items()
            if key not in self._listed
        ]

    def _stored(self, type_name: str, table: Table, end: int) -> dict[ListingKey, int]:
        """What the warehouse has of the part of the topic that was read, and the version after each one's."""
        rows = text_rows(
            self._warehouse,
            f"SELECT {table.columns[0].name} AS listed_id, valid_from_us, version FROM {table.name} FINAL"  # noqa: S608
            f" WHERE deleted = 0 AND version < {end}",
        )
        return {ListingKey(type_name, row["listed_id"], row["valid_from_us"]): row["version"] + 1 for row in rows}
