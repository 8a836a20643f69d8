"""Commands read and write the same, whether the warehouse is free or a worker folds; and write no other table."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings, read_settings
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.client import ClientError, OpenClient, warehouse_client
from dompet.streams.warehouse.operator_tables import OPERATOR_TABLES
from tests.support.command import Ran, dompet
from tests.support.logs import as_record
from tests.support.modelled import modelled_log
from tests.support.pipelines import SettingsMaker
from tests.support.sales import person
from tests.support.warehouses import empty_warehouse
from tests.support.workers import WorkerProcess, until, variables, worker

APRIL = ("--platform", "toko", "--from", "2020-04-01", "--to", "2020-04-30")
EVENTS = [*person(1, "2020-04-10"), *person(2, "2020-04-11")]
LINE = pa.table({"statement_id": ["s"], "kind": ["period"], "sold": [5]})


@pytest.fixture(scope="module")
def settings(kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker) -> Iterator[Settings]:
    """Settings whose log holds two sales, and whose embedded warehouse is empty."""
    records = [as_record(event) for event in EVENTS]
    with modelled_log(kafka, kafka_admin, records) as log, empty_warehouse("embedded", "") as url:
        yield settings_for(log.topic, url)


@pytest.fixture(scope="module")
def holder(settings: Settings) -> Iterator[WorkerProcess]:
    """A worker that has stored the log and goes on."""
    with worker(settings) as run:
        until(run, lambda found: found["status"] == "ok" and found["records"] == len(EVENTS))
        yield run


def run(settings: Settings, *arguments: str, folder: Path) -> Ran:
    return dompet(*arguments, cwd=folder, variables=variables(settings))


def test_a_statement_is_issued_beside_a_worker(holder: WorkerProcess, settings: Settings, tmp_path: Path) -> None:
    made = run(settings, "settle", *APRIL, "--out", "april.csv", "--issue", folder=tmp_path)
    assert made.code == 0, made.err
    assert "✓ issued statement 1 of platform toko, " in made.err
    assert "200.000" in made.out
    assert (tmp_path / "april.csv").read_text().count("\n") == 3
    again = run(settings, "settle", *APRIL, "--out", "again.csv", "--issue", folder=tmp_path)
    assert again.complaint.startswith("platform toko: statement 1 has closed 2020-04-01 to 2020-04-30; ")
    assert (again.code, (tmp_path / "again.csv").exists()) == (2, False)
    may = ("--platform", "toko", "--from", "2020-05-01", "--to", "2020-05-31")
    assert run(settings, "settle", *may, "--out", "may.parquet", folder=tmp_path).code == 0


def test_a_statement_is_reconciled_beside_a_worker(holder: WorkerProcess, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('[statement]\norder_id = "order"\namount = "paid"\n')
    lines = [f"x-{number},7" for number in range(30_000)]
    (tmp_path / "april.csv").write_text("\n".join(["order,paid", "o-1,100000", *lines]))
    files = ("--statement", "april.csv", "--mapping", "map.toml")
    made = run(settings, "reconcile", *files, *APRIL, folder=tmp_path)
    assert made.code == 1, made.err  # lines differ
    assert "✓ reconciled 30,001 lines" in made.err
    counted = run(
        settings, "query", "SELECT status, count() FROM reconciliation_lines GROUP BY status ORDER BY status",
        "--format", "CSV", folder=tmp_path,
    )  # fmt: skip
    assert counted.out == '"matched",1\n"only_ours",1\n"only_theirs",30000\n'
    (tmp_path / "april.csv").write_text("order,paid\no-1,one\n")
    bad = run(settings, "reconcile", *files, *APRIL, folder=tmp_path)
    assert (bad.code, bad.complaint) == (2, "april.csv:2: amount 'one' in column 'paid' is no whole number of rupiah")


def test_only_what_commands_keep_is_inserted(warehouse: Warehouse) -> None:
    opened = OpenClient(warehouse)
    opened.insert("statement_line_rows", LINE)
    assert opened.read("SELECT kind, sold FROM statement_line_rows").to_pylist() == [{"kind": "period", "sold": 5}]
    opened.insert("statement_line_rows", LINE.slice(0, 0))
    for table, rows in (("wallet_rows", LINE), ("statement_rows", pa.table({"a`) SELECT 1 --": [1]}))):
        with pytest.raises(ClientError):
            opened.insert(table, rows)


def test_no_table_that_is_a_function_of_the_log_can_be_written(warehouse: Warehouse) -> None:
    assert {name.partition("_")[0] for name in OPERATOR_TABLES}.isdisjoint({"journal", "wallet", "order", "step"})
    assert not {"checkpoint_rows", "dead_letter_rows", "migrations"} & OPERATOR_TABLES


def test_a_warehouse_that_is_not_there_or_lacks_tables_is_one_sentence(tmp_path: Path) -> None:
    missing = read_settings(home=tmp_path)
    with (
        pytest.raises(ClientError, match=r"^there is no warehouse at .*: `dompet demo` or `dompet mig"),
        warehouse_client(missing),
    ):
        pass
    open_warehouse(missing.warehouse).close()
    with (
        pytest.raises(DompetError, match=r"^the warehouse lacks tables: `dompet migrate` makes them"),
        warehouse_client(missing),
    ):
        pass


@pytest.mark.server
def test_a_warehouse_that_another_command_has_open_does_not_count_as_one_that_lacks_tables(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    with (
        closing(open_warehouse(settings.warehouse)),
        pytest.raises(DompetError, match=r"^process \d+ has the embedded warehouse at .* open and cannot be asked"),
        warehouse_client(settings),
    ):
        pass
