"""docs/trying.md: the walks of five roles, each command run in its order in a fresh folder, on either warehouse."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from tests.support.command import DOMPET, environment
from tests.support.logs import made_log
from tests.support.pipelines import SettingsMaker
from tests.support.warehouses import KINDS, empty_warehouse
from tests.support.workers import WorkerProcess, until, worker

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "trying.md").read_text("utf-8")
ROLES = ("A platform's engineer", "An analyst", "An operator", "A programme officer, and who pays", "An auditor")
EVENTS = PAGE.partition("create=events.jsonl\n")[2].partition("```")[0].splitlines()
_LIMIT_S = 240


@dataclass(frozen=True)
class Step:
    """A command of a walk, what is in its output, and its exit code."""

    line: str
    printed: tuple[str, ...]
    code: int


def steps(role: str) -> Iterator[Step]:
    block = PAGE.partition(f"## {role}\n")[2].partition("```sh\n")[2].partition("```")[0]
    for found in re.finditer(r"^(?!#> )(.+)\n((?:#> .*\n)*)", block, re.M):
        said = [line.removeprefix("#> ") for line in found[2].splitlines()]
        ends = [line for line in said if re.fullmatch(r"exit \d", line)]
        code = int(ends[0].split()[1]) if ends else 0
        yield Step(found[1], tuple(line for line in said if line not in ends), code)


@dataclass(frozen=True)
class Place:
    """A folder in which commands run, and what runs beside them."""

    folder: Path
    worker: WorkerProcess

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        shell = f'dompet() {{ {" ".join(DOMPET)} "$@"; }}\n{line}'
        return subprocess.run(
            ["bash", "-c", shell], cwd=self.folder, env={**environment(), "COLUMNS": "80", "TZ": "America/New_York"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LIMIT_S, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def place(
    request: pytest.FixtureRequest,
    kafka: str,
    kafka_admin: AdminClient,
    clickhouse_server: str,
    settings_for: SettingsMaker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    """A fresh folder with the page's files, its own log, and a worker that folds it."""
    folder = tmp_path_factory.mktemp("trying")
    for found in re.finditer(r"^```json create=(\S+)\n(.*?)^```$", PAGE, re.M | re.S):
        (folder / found[1]).write_text(found[2], "utf-8")
    with made_log(kafka_admin) as topic, empty_warehouse(request.param, clickhouse_server) as url:
        settings = settings_for(topic, url)
        named = {"kafka": kafka, "warehouse": url, "log_topic": topic, "group": settings.group, "home": settings.home}
        (folder / "dompet.toml").write_text("".join(f'{name} = "{value}"\n' for name, value in named.items()))
        with worker(settings) as run:
            until(run, lambda health: health["status"] == "ok")
            yield Place(folder, run)


def test_the_walks_go_as_the_page_says(place: Place) -> None:
    for role in ROLES:
        for step in steps(role):
            ran = place.run(step.line)
            assert (step.line, ran.returncode) == (step.line, step.code), ran.stdout
            assert "Traceback" not in ran.stdout
            for text in step.printed:
                assert text in ran.stdout, (step.line, ran.stdout)
            if step.line == "dompet publish events.jsonl":
                until(place.worker, lambda health: health["records"] == len(EVENTS) and not health["lag"])


def test_each_role_has_its_walk() -> None:
    assert tuple(re.findall(r"^## (.*)$", PAGE, re.M)) == ROLES
    assert PAGE.count("```sh\n") == len(ROLES)
    assert all(len(list(steps(role))) > 4 for role in ROLES)
