"""`docs/views.md`: what each view and each of its columns is, as the warehouse itself says.

Run it as `python -m tests.infra.views_page` to write the page after a view was changed.
"""

import tempfile
from pathlib import Path
from typing import Final

from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.comments import abouts
from dompet.streams.warehouse.views import views
from tests.support.warehouses import opened, rows_of

PAGE: Final = Path(__file__).parents[2] / "docs" / "views.md"
_HEAD: Final = """# Views

What anybody may query, by name: each view, its columns, their types in ClickHouse, and what they are. `DESCRIBE`
says the same. The page is written from the warehouse's own comments by `python -m tests.infra.views_page`, and a test
compares the two.

Amounts are whole rupiah. Times are `DateTime('UTC')`. What is absent is `NULL`, unless the column says otherwise.
"""


def page(warehouse: Warehouse) -> str:
    """The page as it should be, by what this warehouse has."""
    return "\n".join([_HEAD, *(_section(warehouse, name) for name in sorted(views()))])


def _section(warehouse: Warehouse, name: str) -> str:
    described = [list(row.values()) for row in rows_of(warehouse, f"DESCRIBE TABLE {name}")]
    rows = [f"| `{column}` | `{kind}` | {said} |" for column, kind, _, _, said, *_ in described]
    return "\n".join(
        [f"## {name}", "", abouts()[name].text, "", "| column | type | |", "| --- | --- | --- |", *rows, ""]
    )


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder, opened(f"chdb://{folder}/warehouse") as warehouse:
        PAGE.write_text(page(warehouse), "utf-8")


if __name__ == "__main__":
    main()
