"""The statements that make views, with the types of their columns, which the warehouse itself says, and comments."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.comments import literal, stores_whole
from dompet.streams.warehouse.sql_files import About
from dompet.streams.warehouse.texts import text_rows

_types: Final[dict[tuple[str, str], list[tuple[str, str]]]] = {}
"""By an engine's version and a view's digest: asked once, which is most of what it costs to make a view."""


@dataclass(frozen=True)
class Wanted:
    """A view as it should be: its query, what is said of it, and the digest of the view that it copies, if any."""

    query: str
    about: About
    copied: str = ""

    @property
    def digest(self) -> str:
        """Means all of it."""
        return digest(repr((self.query, self.about.text, sorted(self.about.columns.items()), self.copied)))


class Statements:
    """Statements for one warehouse, whose database in use has the tables."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._version = warehouse.version()
        self._whole = stores_whole(warehouse)

    def create(self, name: str, view: Wanted) -> str:
        """The one that makes the view under this name."""
        said = view.about.columns
        columns = ",\n".join(
            f"    `{column}` {kind} COMMENT {literal(said.get(column, ''))}" for column, kind in self._columns(view)
        )
        comment = f"\nCOMMENT {literal(view.about.text)}" if self._whole else ""
        return f"CREATE VIEW {name}\n(\n{columns}\n)\nAS {view.query}{comment}"

    def _columns(self, view: Wanted) -> list[tuple[str, str]]:
        place = (self._version, view.digest)
        if place not in _types:
            rows = text_rows(self._warehouse, f"DESCRIBE TABLE (\n{view.query}\n)")
            _types[place] = [(row["name"], row["type"]) for row in rows]
        return _types[place]


def digest(text: str) -> str:
    """Means a text."""
    return sha256(text.encode()).hexdigest()
