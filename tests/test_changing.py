"""The recipe for an event type, followed word by word in a copy of the checkout: the checks that it names pass."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.server

ROOT: Final = Path(__file__).parents[1]
LAYERS: Final = ("schemas", "projections", "streams", "infra")
PAGE: Final = (ROOT / "docs" / "changing.md").read_text("utf-8")
RECIPE: Final = PAGE.partition("## An event type")[2].partition("\n## ")[0]
_STEP: Final = re.compile(
    r"^   ```\w+ (?P<what>\w+)=(?P<file>\S+)(?P<where>[^\n]*)\n(?P<text>.*?)^   ```$", re.M | re.S
)
_WHERE: Final = re.compile(r' (?P<side>after|before)="(?P<mark>.*)"')
_LIMIT_S: Final = 600


def steps() -> Iterator[tuple[str, Path, str, str]]:
    for found in _STEP.finditer(RECIPE):
        text = re.sub(r"^   ", "", found["text"], flags=re.M)
        yield found["what"], Path(found["file"]), found["where"], text


def follow(copy: Path) -> None:
    """Do what each block of the recipe says."""
    for what, name, where, text in steps():
        file = copy / name
        match what:
            case "create":
                assert not file.exists()
                file.write_text(text, "utf-8")
            case "append":
                file.write_text(file.read_text("utf-8") + text, "utf-8")
            case "replace":
                old, new = text.splitlines()
                assert old in file.read_text("utf-8")
                file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
            case "in":
                put(file, where, text)
            case "run":
                before = file.read_text("utf-8")
                subprocess.run([sys.executable, *shlex.split(text)[1:]], cwd=copy, env=path_of(copy), check=True)
                assert file.read_text("utf-8") != before


def put(file: Path, where: str, text: str) -> None:
    """Insert a block after or before the one line that holds the mark; after a list's opening, as its first member."""
    found = _WHERE.fullmatch(where)
    assert found, where
    mark = found["mark"].replace('\\"', '"')
    lines = file.read_text("utf-8").splitlines(keepends=True)
    (at,) = [number for number, line in enumerate(lines) if mark in line][:1]
    place = at + (found["side"] == "after")
    while found["side"] == "after" and lines[place - 1].rstrip().endswith("(") and lines[place].strip() == "{":
        place += 1
    file.write_text("".join([*lines[:place], text, *lines[place:]]), "utf-8")


def path_of(copy: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(copy / "alias"), "PATH": "/usr/bin:/bin"}


def pytest_in(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", *arguments]
    env = {**path_of(copy), "HOME": str(copy), "TMPDIR": str(copy)}
    return subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=_LIMIT_S, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's code and tests, with the recipe followed."""
    folder = tmp_path_factory.mktemp("changing")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in (*LAYERS, "docs", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    alias = folder / "alias" / "dompet"
    alias.mkdir(parents=True)
    for layer in LAYERS:
        (alias / layer).symlink_to(folder / layer)
    follow(folder)
    return folder


def test_the_recipe_s_release_is_what_the_check_prints(copy: Path) -> None:
    ran = pytest_in(copy, "tests/schemas/test_compatibility.py", "-k", "released")
    assert ran.returncode == 1, ran.stdout
    code = "from tests.schemas.compatibility import *; c = contracts_of_the_project(); k = 'MentoringBooked.v1'"
    printed = subprocess.run(
        [sys.executable, "-c", f"{code}; print(release_entry(k, c.schemas[k]))"],
        cwd=copy, env=path_of(copy), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    released = copy / "schemas" / "released.toml"
    before = released.read_text("utf-8")
    sha256 = re.search(r'sha256 = "(\w+)"', printed)
    assert sha256
    released.write_text(before.replace("{printed by the check}", sha256[1]), "utf-8")
    assert printed.strip() in released.read_text("utf-8")


@pytest.mark.parametrize(
    "checks",
    [
        ("tests/schemas/test_compatibility.py", "tests/schemas/test_examples.py", "tests/schemas/test_events.py"),
        ("tests/projections/test_fold_tables.py", "tests/projections/test_model_tables.py", "-k", "Mentoring"),
        ("tests/infra/test_migrations.py",),
        ("tests/streams/redrive/test_consequences.py", "tests/schemas/test_wire_refusals.py"),
    ],
    ids=lambda checks: checks[0],
)
def test_the_checks_that_the_recipe_names_pass(copy: Path, checks: tuple[str, ...]) -> None:
    ran = pytest_in(copy, *checks)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-2000:]
