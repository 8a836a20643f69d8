"""What a command loads: the libraries that it uses, and no other. Each of these costs what all else costs together."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.answered import EVENTS
from tests.support.command import environment
from tests.support.engines import engine
from tests.support.ledger import Ledger
from tests.support.warehouses import opened

pytestmark = pytest.mark.server

PERSON = next(event["beneficiary_id"] for event in EVENTS if event["type"] == "CoursePurchased")

LOADED = """
import sys
of_the_interpreter = set(sys.modules)
from dompet.streams.cli import main
try:
    main()
finally:
    loaded = {name: module for name, module in sys.modules.items() if name not in of_the_interpreter}
    files = {name.partition(".")[0]: getattr(module, "__file__", None) or "" for name, module in loaded.items()}
    print(*(name for name, file in files.items() if "site-packages" in file), file=sys.stderr)
"""
LINE = {"typer", "annotated_doc", "shellingham"}
"""Typer, and what it loads itself."""
RICH = {"rich", "attr"}
HELP = LINE | RICH | {"markdown_it", "mdurl", "pygments"}
SETTINGS = LINE | {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}


def loaded(*arguments: str) -> tuple[str, set[str]]:
    """What a command that succeeds writes, and the libraries that its process has loaded by its end."""
    command = [sys.executable, "-c", LOADED, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    *said, last = ran.stderr.splitlines()
    names = set(last.split())
    assert "typer" in names
    # On a machine that is slow enough it says what it waits for, as all sentences are said.
    return ran.stdout, names - RICH if any("waiting for" in line for line in said) else names


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose warehouse has events, and an engine that holds it."""
    folder = tmp_path_factory.mktemp("home")
    with opened(f"chdb://{folder}/warehouse") as warehouse:
        Ledger(warehouse).store(EVENTS)
    with engine(folder / "warehouse"):
        yield folder


def test_the_help_page_loads_the_command_line_alone() -> None:
    written, names = loaded("--help")
    assert "dead-letters" in written
    assert names <= HELP


def test_a_query_that_an_engine_answers_loads_the_settings_besides(home: Path) -> None:
    written, names = loaded("query", "SELECT count() FROM wallets", "--home", str(home), "--format", "CSV")
    assert int(written) > 0
    assert names <= SETTINGS


@pytest.mark.parametrize("more", [(), ("--as-of", "2099-12-31"), ("--format", "CSV")])
def test_a_wallet_that_an_engine_answers_loads_what_draws_its_table_besides(home: Path, more: tuple[str, ...]) -> None:
    written, names = loaded("wallet", PERSON, "--home", str(home), *more)
    assert PERSON in written
    assert names <= SETTINGS | RICH


PAGES = "import dompet.streams.web.serve, dompet.streams.web.app, sys; print(*sys.modules)"


def test_the_pages_load_neither_what_compiles_loops_nor_what_reads_workbooks_before_they_are_needed() -> None:
    ran = subprocess.run([sys.executable, "-c", PAGES], capture_output=True, text=True, timeout=120, check=True)
    assert {"numba", "llvmlite", "openpyxl", "pandas", "fastavro", "chdb"}.isdisjoint(ran.stdout.split())
