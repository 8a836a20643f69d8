"""The catalogue into the warehouse: every worker reads the whole topic when it starts, and then follows it.

The warehouse keeps no place to go on from: the topic is small, rows replace themselves, and so a new warehouse, or one
that lost rows, is made whole. Several workers write the same rows, which changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from dompet.schemas.catalogue import Listing
from dompet.streams.catalogue.rows import catalogue_tables
from dompet.streams.catalogue.topic import CatalogueReader, CatalogueRecord, ListingKey
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.catalogue_tables import TABLES, Table
from dompet.streams.warehouse.texts import text_rows


class CatalogueFeed:
    """Copies the topic into the warehouse. For one thread; `close` it. Raises CatalogueUnreadable, WarehouseError."""

    def __init__(self, kafka: Mapping[str, Any], topic: str, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._reader = CatalogueReader(kafka, topic)
        self.listed: dict[ListingKey, Listing] = {}
        """What the topic says, as far as it was read."""
        self.caught_up = False
        """Whether all that the topic held at the start is in the warehouse."""

    def step(self) -> int:
        """Store what came; how many records. Comes back after a moment where nothing did."""
        records = self._reader.read()
        self._store(records)
        for record in records:
            self.listed.pop(record.key, None)
            if record.listing is not None:
                self.listed[record.key] = record.listing
        if not self.caught_up and self._reader.end is not None:
            self._store(self._forgotten())
            self.caught_up = True
        return len(records)

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()

    def _store(self, records: list[CatalogueRecord]) -> None:
        for table, rows in catalogue_tables(records).items():
            self._warehouse.insert(table, rows)

    def _forgotten(self) -> list[CatalogueRecord]:
        """Listings that the topic does not name any more: they were taken back, and compaction then took that record
        away, too, while no worker ran. The row that removes one is no newer than any later record of its key.
        """
        return [
            CatalogueRecord(version, key, None)
            for type_name, table in TABLES.items()
            for key, version in self._listed(type_name, table).items()
            if key not in self.listed
        ]

    def _listed(self, type_name: str, table: Table) -> dict[ListingKey, int]:
        """What the warehouse has of the part of the topic that was read, and the version after each one's."""
        rows = text_rows(
            self._warehouse,
            f"SELECT {table.columns[0].name} AS listed_id, valid_from_us, version FROM {table.name} FINAL"  # noqa: S608
            f" WHERE deleted = 0 AND version < {self._reader.end}",
        )
        return {ListingKey(type_name, row["listed_id"], row["valid_from_us"]): row["version"] + 1 for row in rows}
