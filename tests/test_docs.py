"""Every query that the documentation shows is answered, by either warehouse."""

import re
from pathlib import Path

import pytest

from dompet.streams.warehouse import Warehouse
from tests.support.crowd import crowd
from tests.support.office import Ledger

ROOT = Path(__file__).parents[1]


def queries() -> list[tuple[str, str]]:
    """Each ```sql block of docs/*.md: where it stands, and what it asks."""
    found = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text("utf-8")
        for block in re.finditer(r"^```sql\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, block.start()) + 1
            found.append((f"{page.name}:{line}", block[1].strip().rstrip(";")))
    return found


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    """A warehouse of each kind in turn, with a small journal."""
    Ledger(shared_warehouse).tell(crowd(5, 10))
    return shared_warehouse


def test_there_are_queries_in_the_documentation() -> None:
    assert queries()


@pytest.mark.parametrize("sql", [pytest.param(sql, id=place) for place, sql in queries()])
def test_a_query_of_the_documentation_is_answered(warehouse: Warehouse, sql: str) -> None:
    assert warehouse.answer(sql, "CSVWithNames")
