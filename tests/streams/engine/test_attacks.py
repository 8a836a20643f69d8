"""Guests only read what the warehouse's databases hold: whatever else is tried is refused, and has had no effect."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.streams.engine.allowed import SYSTEM_TABLES, TABLE_FUNCTIONS
from dompet.streams.engine.connections import Connections
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import Refusal
from dompet.streams.engine.rights import GUEST, OWNER
from tests.support.attack_target import Target, assert_refused, target
from tests.support.attacks import ARGUMENTS, HIDDEN, LOOSENING, MORE_STATEMENTS, PLACES, STATEMENTS
from tests.support.engines import EngineProcess

__all__ = ["target"]  # a fixture


def shown_by(engine: EngineProcess) -> tuple[str, ...]:
    """What an attack could have changed."""
    return tuple(
        engine.own(sql, default_format="TSV").text
        for sql in (
            "SELECT n FROM scratch ORDER BY n",
            "SELECT database, name, create_table_query FROM system.tables WHERE database LIKE 'default%' ORDER BY 1, 2",
            "SELECT name FROM system.databases ORDER BY name",
            "SELECT name FROM system.functions WHERE origin != 'System'",
            "SELECT name FROM system.users",
            "SELECT name FROM system.named_collections",
        )
    )


@pytest.fixture(scope="module", autouse=True)
def nothing_has_an_effect(shared_engine: EngineProcess, target: Target) -> Iterator[None]:
    """After all attacks: nothing has changed, nothing was written, nobody has called."""
    before = shown_by(shared_engine)
    yield
    assert shown_by(shared_engine) == before
    target.assert_untouched()


def test_no_statement_but_a_query_is_run(shared_engine: EngineProcess, target: Target) -> None:
    for sql in [one for several in STATEMENTS.values() for one in several] + list(MORE_STATEMENTS):
        assert_refused(shared_engine.ask(target.aimed(sql)), target, sql)
        assert_refused(shared_engine.ask(f"/* a comment */ {target.aimed(sql)} -- and another"), target, sql)


def test_every_statement_that_the_engine_knows_is_among_them(shared_engine: EngineProcess) -> None:
    known = shared_engine.told("SELECT name FROM system.statements WHERE parent_name = ''").splitlines()
    assert set(known) - STATEMENTS.keys() == set()


def test_no_table_function_reaches_outside_from_anywhere_in_a_query(
    shared_engine: EngineProcess, target: Target
) -> None:
    names = shared_engine.told("SELECT name FROM system.table_functions").splitlines()
    assert len(names) > 60
    for name in names:
        if name.lower() not in TABLE_FUNCTIONS:
            for at, place in enumerate(PLACES):
                sql = target.aimed(place.format(f"{name}({ARGUMENTS[at % len(ARGUMENTS)]})"))
                assert_refused(shared_engine.ask(sql), target, sql)
            for arguments in ARGUMENTS:
                sql = target.aimed(f"SELECT * FROM {name}({arguments})")
                assert_refused(shared_engine.ask(sql), target, sql)


def test_nothing_can_be_hidden_from_who_looks(shared_engine: EngineProcess, target: Target) -> None:
    for sql in HIDDEN:
        assert_refused(shared_engine.ask(target.aimed(sql)), target, sql)


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT {f:Identifier}('<file>')", {"param_f": "file"}),
        ("SELECT * FROM {t:Identifier}", {"param_t": "system.processes"}),
        ("SELECT * FROM {d:Identifier}.{t:Identifier}", {"param_d": "system", "param_t": "processes"}),
        ("SELECT {x:String}", {"param_x": "1'; DROP TABLE scratch; --"}),
    ],
)
def test_no_parameter_becomes_part_of_a_statement(
    shared_engine: EngineProcess, target: Target, sql: str, parameters: dict[str, str]
) -> None:
    answer = shared_engine.ask(target.aimed(sql), parameters=parameters)
    if "Identifier" in sql:
        assert_refused(answer, target, sql)
    else:
        assert answer.text == "1\\'; DROP TABLE scratch; --\n"


@pytest.mark.parametrize("name", LOOSENING)
def test_no_setting_loosens_anything(shared_engine: EngineProcess, target: Target, name: str) -> None:
    value = target.aimed(LOOSENING[name])
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    assert_refused(shared_engine.ask(f"SELECT 1 SETTINGS {name} = '{quoted}'"), target, name)
    assert_refused(shared_engine.ask(f"SELECT * FROM (SELECT 1 SETTINGS {name} = '{quoted}')"), target, name)
    if name != "role":  # a parameter of the interface, which is not read
        assert_refused(shared_engine.ask("SELECT 1", parameters={name: value}), target, name)


def test_a_limit_is_lowered_and_never_raised(shared_engine: EngineProcess) -> None:
    shown = "SELECT getSetting('max_execution_time'), getSetting('max_memory_usage'), getSetting('max_threads')"
    most = shared_engine.told(shown)
    huge = {"max_execution_time": 10**6, "max_memory_usage": 10**15, "max_threads": 64}
    within = ", ".join(f"{name} = {value}" for name, value in huge.items())
    assert shared_engine.told(shown, parameters=huge) == most
    assert shared_engine.told(f"{shown} SETTINGS {within}") == most
    assert shared_engine.told(shown, parameters=dict.fromkeys(huge, 0)) == most
    assert shared_engine.told(shown, max_execution_time=7).split()[0] == "7"
    assert shared_engine.told(f"{shown} SETTINGS max_execution_time = 7").split()[0] == "7"


def test_others_queries_and_what_is_inside_the_process_are_not_shown(
    shared_engine: EngineProcess, target: Target
) -> None:
    named = "SELECT name FROM system.tables WHERE database = 'system'"
    tables = set(shared_engine.own(named, default_format="TSV").text.split())
    assert len(tables) > 100
    for name in tables - SYSTEM_TABLES:
        for sql in (
            f"SELECT * FROM system.{name}",
            f"SELECT * FROM `system`.`{name}`",
            f"SELECT 1 IN system.{name}",
            f'SELECT * FROM "system.{name}"',
            f"SELECT * FROM merge('system', '^{name}$')",
        ):
            assert_refused(shared_engine.ask(sql), target, sql)
        assert_refused(shared_engine.ask(f"SELECT * FROM {name}", database="system"), target, name)


def test_other_databases_are_not_shown(shared_engine: EngineProcess, target: Target) -> None:
    shared_engine.do("CREATE DATABASE IF NOT EXISTS elsewhere")
    shared_engine.do("CREATE TABLE elsewhere.t ENGINE = Memory AS SELECT 'hidden' AS secret")
    try:
        for sql in ("SELECT * FROM elsewhere.t", "SHOW CREATE TABLE elsewhere.t", "DESCRIBE elsewhere.t"):
            assert_refused(shared_engine.ask(sql), target, sql)
        assert "elsewhere" not in shared_engine.told("SHOW DATABASES")
        assert "secret" not in shared_engine.told("SELECT * FROM system.columns WHERE database = 'elsewhere'")
        assert_refused(shared_engine.ask("SELECT * FROM t", database="elsewhere"), target, "database")
    finally:
        shared_engine.do("DROP DATABASE elsewhere")


def test_where_nobody_looks_clickhouse_s_own_rights_refuse(tmp_path: Path, target: Target) -> None:
    connections = Connections(tmp_path / "warehouse", Limits())
    only_looked_at = {
        "CHECK GRANT",
        "EXISTS",
        "EXPLAIN",
        "HYPOTHETICAL INDEX",
        "HYPOTHETICAL PROJECTION",
        "IN",
        "KILL",
        "REVOKE",
        "SELECT",
        "SET",
        "SET ROLE",
        "SHOW",
        "SYSTEM",
        "USE",
    }
    """What changes the session alone, or is done by the client's part of chDB."""
    try:
        with connections.connection(OWNER, "default") as owner:
            owner.run("CREATE TABLE scratch (n Int64) ENGINE = MergeTree ORDER BY n")
        functions = connections.content("SELECT name FROM system.table_functions WHERE NOT allow_readonly", "TSV")
        attacks = [f"SELECT * FROM {name}({a})" for name in functions.decode().split() for a in ARGUMENTS]
        attacks += [sql for kind, several in STATEMENTS.items() if kind not in only_looked_at for sql in several]
        for sql in attacks:
            with pytest.raises(Refusal), connections.connection(GUEST, "default") as guest:
                guest.run(target.aimed(sql))
        assert connections.content("SELECT count() FROM system.tables WHERE database = 'default'", "TSV") == b"1\n"
        with connections.connection(GUEST, "default") as guest:
            assert guest.content("SELECT count() FROM system.processes", "TSV") == b"0\n"
            assert guest.content("SELECT count() FROM system.stack_trace", "TSV") == b"0\n"
    finally:
        connections.close()
