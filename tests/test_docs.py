"""Every query that the documentation shows is answered, by either warehouse; what it names is there."""

import re
from difflib import unified_diff
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.projections.vocabulary import Verdict
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings.declaration import declared_settings
from dompet.streams.warehouse import Warehouse
from tests.support.crowd import crowd
from tests.support.ledger import Ledger
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.readme import with_settings_table
from tests.support.warehouses import opened

ROOT = Path(__file__).parents[1]


def queries() -> list[tuple[str, str]]:
    """Each ```sql block of docs/*.md: where it is, and what it asks."""
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
    Ledger(shared_warehouse).store(crowd(5, 10))
    return shared_warehouse


def test_there_are_queries_in_the_documentation() -> None:
    assert queries()


@pytest.mark.parametrize("sql", [pytest.param(sql, id=place) for place, sql in queries()])
def test_a_query_of_the_documentation_is_answered(warehouse: Warehouse, sql: str) -> None:
    assert warehouse.answer(sql, "CSVWithNames")


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    settings = declared_settings()
    assert [name for name in sorted(settings) if f"`DOMPET_{name.upper()}`" not in readme] == []


def test_the_readme_has_the_settings_as_they_are_declared() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    lines = unified_diff(readme.splitlines(), with_settings_table(readme).splitlines(), "README.md", "declared", "", "")
    assert not (diff := list(lines)), "\n".join(["`python -m tests.support.readme` writes it:", *diff])


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [page.parent / link for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", text)]
    named = [ROOT / file for file in re.findall(r"`((?:tests|streams|schemas|projections|infra|docs)/[\w./-]+)`", text)]
    assert [str(file) for file in [*links, *named] if not file.exists()] == []


def test_every_reason_of_a_rejection_has_its_cure_and_no_other_has() -> None:
    page = (ROOT / "docs" / "publishing.md").read_text("utf-8").partition("| reason | what cures it |")[2]
    cured = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(cured) == sorted({one.reason for one in Verdict} - {""})


def test_the_readmes_events_are_accepted_as_copied(
    kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    ensure_topics(kafka_admin, [declared_topics().log])
    readme = (ROOT / "README.md").read_text("utf-8")
    example = readme.partition("```python\n")[2].partition("```")[0]
    exec(example.replace("localhost:19092", kafka), {})  # noqa: S102
    settings = settings_for(declared_topics().log.name, f"chdb://{tmp_path}/warehouse", group="readme")
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        assert warehouse.answer("SELECT balance FROM wallets WHERE beneficiary_id = 'b-7f3a90c2'", "TSV") == b"650000\n"
