"""Before a server, too, guests only read what the warehouse's database holds."""

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from dompet.streams.engine.allowed import SYSTEM_TABLES, TABLE_FUNCTIONS
from tests.support.attack_target import Target, assert_refused, target
from tests.support.attacks import ARGUMENTS, HIDDEN, LOOSENING, MORE_STATEMENTS, PLACES, STATEMENTS
from tests.support.clickhouse import ClickHouseServer
from tests.support.engines import Endpoint

__all__ = ["target"]  # a fixture
pytestmark = pytest.mark.server

SHOWN = (
    "SELECT n FROM scratch ORDER BY n",
    "SELECT database, name, create_table_query FROM system.tables WHERE database LIKE 'default%' ORDER BY 1, 2",
    "SELECT name FROM system.databases ORDER BY name",
)
"""What an attack could have changed."""


@pytest.fixture(scope="module")
def owner(own_server: ClickHouseServer) -> Iterator[Client]:
    """The server without the endpoint before it."""
    with Client.from_url(own_server.url) as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def nothing_has_an_effect(owner: Client, endpoint: Endpoint, target: Target) -> Iterator[None]:
    """After all attacks: nothing has changed, nothing was written, nobody has called."""
    before = [owner.execute(sql) for sql in SHOWN]
    yield
    assert [owner.execute(sql) for sql in SHOWN] == before
    target.assert_untouched()


def test_no_statement_but_a_query_is_run(endpoint: Endpoint, target: Target) -> None:
    for sql in [one for several in STATEMENTS.values() for one in several] + list(MORE_STATEMENTS):
        assert_refused(endpoint.ask(target.aimed(sql)), target, sql)
        assert_refused(endpoint.ask(f"/* a comment */ {target.aimed(sql)} -- and another"), target, sql)


def test_no_table_function_reaches_outside_from_anywhere_in_a_query(
    endpoint: Endpoint, owner: Client, target: Target
) -> None:
    known_here = endpoint.told("SELECT name FROM system.table_functions").split()
    known_there = [name for (name,) in owner.execute("SELECT name FROM system.table_functions")]
    names = {*known_here, *known_there, "file", "url", "remote", "mysql", "odbc", "jdbc", "hdfs", "catBoostPool"}
    for name in sorted(names):
        if name.lower() not in TABLE_FUNCTIONS:
            for at, place in enumerate(PLACES):
                sql = target.aimed(place.format(f"{name}({ARGUMENTS[at % len(ARGUMENTS)]})"))
                assert_refused(endpoint.ask(sql), target, sql)


def test_nothing_can_be_hidden_from_who_looks(endpoint: Endpoint, target: Target) -> None:
    for sql in HIDDEN:
        assert_refused(endpoint.ask(target.aimed(sql)), target, sql)


@pytest.mark.parametrize("name", LOOSENING)
def test_no_setting_loosens_anything(endpoint: Endpoint, target: Target, name: str) -> None:
    value = target.aimed(LOOSENING[name])
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    assert_refused(endpoint.ask(f"SELECT 1 SETTINGS {name} = '{quoted}'"), target, name)
    assert_refused(endpoint.ask(f"SELECT * FROM (SELECT 1 SETTINGS {name} = '{quoted}')"), target, name)
    if name != "role":  # a parameter of the interface, which is not read
        assert_refused(endpoint.ask("SELECT 1", parameters={name: value}), target, name)


def test_others_queries_and_what_is_inside_the_server_are_not_shown(
    endpoint: Endpoint, owner: Client, target: Target
) -> None:
    tables = {name for (name,) in owner.execute("SELECT name FROM system.tables WHERE database = 'system'")}
    assert "processes" in tables
    for name in tables - SYSTEM_TABLES:
        for sql in (
            f"SELECT * FROM system.{name}",
            f"SELECT * FROM `system`.`{name}`",
            f"SELECT 1 IN system.{name}",
            f'SELECT * FROM "system.{name}"',
            f"SELECT * FROM merge('system', '^{name}$')",
            f"SELECT system.{name}.query FROM system.databases",
        ):
            assert_refused(endpoint.ask(sql), target, sql)
        assert_refused(endpoint.ask(f"SELECT * FROM {name}", database="system"), target, name)


OTHER = (
    "SELECT * FROM unseen.t",
    "SELECT * FROM `unseen`.`t`",
    "SELECT 1 IN unseen.t",
    "SELECT 1 WHERE 'x' GLOBAL NOT IN unseen.t",
    "SELECT in('x', unseen.t)",
    "SELECT 1 FROM scratch JOIN unseen.t ON 1",
    "SELECT (SELECT secret FROM unseen.t)",
    "WITH x AS (SELECT * FROM unseen.t) SELECT * FROM x",
    "SELECT * FROM view(SELECT * FROM unseen.t)",
    "SHOW CREATE TABLE unseen.t",
    "SHOW CREATE DATABASE unseen",
    "SHOW TABLES FROM unseen",
    "SHOW TABLES IN `unseen`",
    "SHOW COLUMNS FROM t FROM unseen",
    "DESCRIBE unseen.t",
    "EXISTS TABLE unseen.t",
    "EXISTS DATABASE unseen",
    "EXPLAIN SELECT * FROM unseen.t",
    "SELECT * FROM default_g1x.t",
    "SELECT * FROM `default_g1\n`.t",
)


def test_other_databases_are_not_shown(endpoint: Endpoint, owner: Client, target: Target) -> None:
    owner.execute("CREATE DATABASE unseen")
    owner.execute("CREATE TABLE unseen.t (secret String) ENGINE = Memory")
    owner.execute("INSERT INTO unseen.t VALUES", [(target.secret,)])
    try:
        for sql in OTHER:
            assert_refused(endpoint.ask(sql), target, sql)
        assert_refused(endpoint.ask("SELECT * FROM t", database="unseen"), target, "database")
        for table, column in (("databases", "name"), ("tables", "database"), ("columns", "database")):
            for sql in (
                f"SELECT * FROM system.{table}",
                f"SELECT * FROM system.{table} AS x WHERE x.{column} = 'unseen'",
                f"SELECT system.{table}.{column} FROM system.{table}",
                f"SELECT * FROM (SELECT * FROM `system`.`{table}`)",
            ):
                assert "unseen" not in endpoint.told(sql), sql
            assert_refused(endpoint.ask(f"SELECT 'unseen' IN system.{table}"), target, table)
        assert "unseen" not in endpoint.told("SHOW DATABASES")
        assert "unseen" not in endpoint.told("SHOW DATABASES LIKE '%unseen%'")
    finally:
        owner.execute("DROP DATABASE unseen")


def test_the_generations_of_the_warehouse_s_database_are_its_own(endpoint: Endpoint, owner: Client) -> None:
    owner.execute("CREATE DATABASE default_g7")
    owner.execute("CREATE TABLE default_g7.t (n Int8) ENGINE = Memory")
    try:
        assert endpoint.told("SELECT count() FROM default_g7.t") == "0\n"
        assert "default_g7" in endpoint.told("SHOW DATABASES").split()
    finally:
        owner.execute("DROP DATABASE default_g7")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("String", "1'; DROP TABLE scratch; --", "1\\'; DROP TABLE scratch; --\n"),
        ("String", "a\\tb", "a\\tb\n"),
        ("Array(String)", "['x\\'','y']", "['x\\'','y']\n"),
        ("Int64", "-9223372036854775808", "-9223372036854775808\n"),
        ("Date", "2020-01-02", "2020-01-02\n"),
        ("Nullable(String)", "\\N", "\\N\n"),
    ],
)
def test_a_parameter_is_a_value_and_no_part_of_a_statement(
    endpoint: Endpoint, kind: str, value: str, shown: str
) -> None:
    assert endpoint.told(f"SELECT {{x:{kind}}}", param_x=value) == shown


@pytest.mark.parametrize(("kind", "value"), [("UInt8", "1) OR (1"), ("Date", "now()"), ("Identifier", "scratch")])
def test_a_parameter_that_is_not_what_its_type_means_is_refused(endpoint: Endpoint, kind: str, value: str) -> None:
    answer = endpoint.ask(f"SELECT {{x:{kind}}}", param_x=value)
    assert answer.headers["X-ClickHouse-Exception-Code"] in ("38", "457", "497"), answer.text
