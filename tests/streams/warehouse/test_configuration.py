"""The embedded engine takes no configuration but dompet's own, whatever lies in the working directory or the home."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import dompet
from tests.support.engines import engine

pytestmark = pytest.mark.server

PATHS = """<clickhouse>
    <path>{0}/data/</path><tmp_path>{0}/tmp/</tmp_path><user_files_path>{0}/files/</user_files_path>
    <logger><level>trace</level><log>{0}/server.log</log></logger>
    <max_concurrent_queries>1</max_concurrent_queries><profiles><default><readonly>1</readonly></default></profiles>
</clickhouse>"""
BROKEN = "<clickhouse><path"

RENDERED = """
import pyarrow as pa
from dompet.streams.warehouse.engine import rendered, written
print(written(pa.table({"n": [7]}), "CSV"), rendered("SELECT 8 AS n", "CSV", "UTC"))
"""


@pytest.fixture(params=[PATHS, BROKEN], ids=["paths", "broken"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The configuration of another program: one that names paths under `tmp_path / "elsewhere"`, and a broken one."""
    return str(request.param).format(tmp_path / "elsewhere")


@contextmanager
def unread(config: str, folder: Path, *elsewhere: Path) -> Iterator[Path]:
    """A folder with this configuration, which the block must leave as it is."""
    folder.mkdir(parents=True)
    (folder / "config.xml").write_text(config)
    yield folder
    assert [path.name for path in folder.iterdir()] == ["config.xml"]
    assert (folder / "config.xml").read_text() == config
    assert not any(path.exists() for path in elsewhere)


def migrated_and_asked(home: Path, **place: Any) -> None:
    made = dompet("migrate", "--home", str(home), **place)
    assert made.code == 0, made.err
    asked = dompet("query", "SELECT count() FROM wallets", "--home", str(home), "--format", "CSV", **place)
    assert (asked.code, asked.out, asked.err) == (0, "0\n", "")
    assert (home / "warehouse" / "store").is_dir()


def test_a_command_works_in_the_folder_of_another_servers_configuration(tmp_path: Path, config: str) -> None:
    with unread(config, tmp_path / "etc", tmp_path / "elsewhere") as folder:
        migrated_and_asked(tmp_path / "home", cwd=folder)


def test_a_command_takes_no_configuration_of_clickhouse_local(tmp_path: Path, config: str) -> None:
    with unread(config, tmp_path / "user" / ".clickhouse-local", tmp_path / "elsewhere") as folder:
        variables = {"HOME": str(folder.parent)}
        migrated_and_asked(tmp_path / "home", cwd=tmp_path, variables=variables)


def test_an_engine_works_in_the_folder_of_another_servers_configuration(tmp_path: Path, config: str) -> None:
    with (
        unread(config, tmp_path / "etc", tmp_path / "elsewhere") as folder,
        engine(tmp_path / "warehouse", folder) as running,
    ):
        running.do("CREATE TABLE t (n Int64) ENGINE = MergeTree ORDER BY n")
        running.do("INSERT INTO t VALUES (7)")
        assert running.told("SELECT n FROM t") == "7\n"
    assert (tmp_path / "warehouse" / "store").is_dir()


def test_what_the_engine_only_renders_takes_no_configuration_either(tmp_path: Path, config: str) -> None:
    with unread(config, tmp_path / "etc", tmp_path / "elsewhere") as folder:
        command = [sys.executable, "-c", RENDERED]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        assert (ran.stdout, ran.stderr) == ("b'7\\n' b'8\\n'\n", "")
