"""The SQL files say what the journal declares, in words that every ClickHouse from 18.16 on understands."""

import re
from importlib.resources import files

import pytest

from dompet.projections.columns import COLUMNS, LATEST, ORDER, WALLET, Column, Kind
from dompet.projections.vocabulary import Flag
from dompet.streams.warehouse.migrate import migrations
from dompet.streams.warehouse.views import views

SQL = "\n".join(
    f"{sql};"
    for sql in (
        *(statement for migration in migrations() for statement in migration.statements),
        *(f"CREATE VIEW {name} AS\n{one.query}" for name, one in views().items()),
    )
)
WALLET_KEYS = {"beneficiary_id": "String"}
ORDER_KEYS = {"beneficiary_id": "String", "platform_id": "LowCardinality(String)", "order_id": "String"}
PLACE = {"partition": "Int32", "version": "Int64"}
SHORT = {column.name: column.name.replace("_after", "") for column in WALLET} | {
    column.name: column.name.removeprefix("order_") for column in ORDER
}
"""What the tables of wallets and orders call the journal's columns."""


def table(name: str) -> dict[str, str]:
    """The columns that the migrations give a table, in order: those it is created with, as later ones alter it."""
    found = re.search(rf"CREATE TABLE {name}\n\((.*?)\n\)\nENGINE", SQL, re.DOTALL)
    assert found, name
    lines = [line.strip().rstrip(",").split(maxsplit=1) for line in found[1].strip().splitlines()]
    columns = {column: kind.strip() for column, kind in lines}
    altered = re.findall(rf"ALTER TABLE {name} (ADD|DROP) COLUMN (\w+)(?: (.+) AFTER (\w+))?;", SQL)
    assert len(altered) == SQL.count(f"ALTER TABLE {name} "), "each is understood"
    for change, column, kind, before in altered:
        if change == "DROP":
            del columns[column]
        else:
            at = list(columns).index(before) + 1
            columns = dict([*list(columns.items())[:at], (column, kind), *list(columns.items())[at:]])
    return columns


def view(name: str) -> str:
    """The query of a view."""
    return views()[name].query


def kinds(columns: tuple[Column, ...]) -> dict[str, str]:
    return {SHORT[column.name]: column.kind.value for column in columns}


def test_files_are_numbered_without_gaps_and_none_is_left_out() -> None:
    numbers = [migration.number for migration in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    names = {f"{migration.number:04d}_{migration.name}.sql" for migration in migrations()}
    assert {file.name for file in (files("dompet.infra") / "migrations").iterdir()} == names | {"README.md"}


def test_migrations_make_tables_and_what_feeds_them_and_no_views() -> None:
    for migration in migrations():
        for statement in migration.statements:
            assert re.match(r"(CREATE TABLE|CREATE MATERIALIZED VIEW|ALTER TABLE|DROP TABLE IF EXISTS) ", statement)
            altered = re.findall(r"\b(?:ADD|DROP|MODIFY) COLUMN\b", statement)
            assert len(altered) == int(statement.startswith("ALTER")), "one column a statement: it may be done again"


def test_each_file_of_a_view_makes_the_view_of_its_name() -> None:
    for file in (files("dompet.infra") / "views").iterdir():
        made = re.findall(r"^CREATE VIEW (\w+) AS$", file.read_text("utf-8"), re.MULTILINE)
        assert [f"{name}.sql" for name in made] == [file.name]


def test_a_view_reads_tables_alone_so_that_it_can_be_exchanged_by_itself() -> None:
    for name, view in views().items():
        read = set(re.findall(r"\b(?:FROM|JOIN) (\w+)", view.query))
        assert read and not read & views().keys(), name
        assert not re.search(r"[{}]", view.query), name


@pytest.mark.parametrize(
    "word",
    ["DateTime64", "CODEC", "TTL", "OVER (", "PROJECTION", "Date32", "Map(", "Decimal", "Bool", "EPHEMERAL", "INDEX "],
)
def test_no_word_is_used_that_old_servers_do_not_know(word: str) -> None:
    assert not re.search(rf"(?<!\w){re.escape(word)}", SQL, re.IGNORECASE)
    assert not re.search(r"\bWITH\b", SQL)


def test_the_journals_table_has_the_declared_columns_in_order() -> None:
    assert list(table("journal_rows").items()) == [(column.name, column.kind.value) for column in COLUMNS]


def test_wallets_and_orders_have_the_declared_columns() -> None:
    assert table("wallet_rows") == WALLET_KEYS | PLACE | kinds(WALLET)
    assert table("order_rows") == ORDER_KEYS | PLACE | kinds(ORDER)


def test_wallets_and_orders_are_filled_column_by_column() -> None:
    for name, sources in LATEST.items():
        assert list(table(name)) == list(sources)
        assert {column: kind for column, kind in table("journal_rows").items() if column in sources.values()} == {
            source: table(name)[column] for column, source in sources.items()
        }


def test_the_view_of_the_journal_shows_every_column() -> None:
    query = view("journal")
    assert not [column.name for column in COLUMNS if not re.search(rf"\b{column.name}\b", query)]
    for column in COLUMNS:
        if column.name.endswith("_us"):
            assert re.search(rf"toDateTime\(intDiv\({column.name}, 1000000\), 'UTC'\)", query), column.name


@pytest.mark.parametrize(("name", "rows"), [("wallets", "wallet_rows"), ("orders", "order_rows")])
def test_the_views_of_wallets_and_orders_show_every_column(name: str, rows: str) -> None:
    query = view(name)
    hidden = [column for column in table(rows) if not re.search(rf"\b{column}\b", query)]
    assert hidden == ["partition", "version"]


@pytest.mark.parametrize("name", ["journal", "wallets", "orders", "rejections", "dead_letters", "checkpoints"])
def test_every_view_for_people_reads_each_row_once(name: str) -> None:
    assert re.search(r"FROM \w+_rows FINAL\b", view(name))


@pytest.mark.parametrize(
    ("name", "bits"), [("journal", "flag_bits"), ("journal", "order_flag_bits"), ("orders", "flag_bits")]
)
def test_flags_have_the_names_of_their_bits(name: str, bits: str) -> None:
    named = re.findall(rf"if\(bitAnd\({bits}, (\d+)\) != 0, '(\w+)', ''\)", view(name))
    assert [(int(bit), text) for bit, text in named] == [(flag.value, str(flag.name).lower()) for flag in Flag]


def test_numbers_are_stored_without_nulls_but_for_the_score() -> None:
    nullable = {column.name for column in COLUMNS if column.kind is Kind.NULLABLE}
    assert nullable == {"score", "order_score"}
