"""The declared columns of tables, by the table's name. What is declared nowhere else is in its migration."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from dompet.projections.columns import COLUMNS, LATEST, Column
from dompet.streams.warehouse.catalogue_tables import TABLES as CATALOGUE

PLACE: Final = ("partition", "version", "deleted")
"""Columns that say which row counts, and nothing about what the row is of."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    table: tuple(takewhile(lambda name: name != "partition", sources)) for table, sources in LATEST.items()
}
"""The columns that identify a wallet or an order."""

_DECLARED: Final = {column.name: column for column in COLUMNS}


def _latest(name: str, source: str) -> Column:
    doc = "The offset of the event: the row of the last one counts." if name == "version" else _DECLARED[source].doc
    return replace(_DECLARED[source], name=name, doc=doc)


TABLES: Final[Mapping[str, tuple[Column, ...]]] = MappingProxyType(
    {
        "journal_rows": COLUMNS,
        **{
            table: tuple(_latest(name, source) for name, source in sources.items()) for table, sources in LATEST.items()
        },
        **{table.name: table.columns for table in CATALOGUE.values()},
    }
)
