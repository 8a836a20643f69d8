"""`make clean-data` forgets data, and only data, and only where nobody uses it."""

import subprocess
from pathlib import Path

import pytest

from dompet.infra.lock import FolderLock
from tests.support.command import Ran, environment

pytestmark = pytest.mark.server

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def make(target: str, folder: Path) -> Ran:
    variables = {"DOMPET_HOME": str(folder)}
    ran = subprocess.run(
        # As a person calls it, even where the tests themselves were started by make.
        ["env", "-u", "MAKELEVEL", "-u", "MAKEFLAGS", "-u", "MFLAGS", "make", "-f", MAKEFILE, target],
        capture_output=True, text=True, cwd=folder.parent, env=environment(variables), check=False,
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_make_alone_says_what_can_be_made(tmp_path: Path) -> None:
    page = make("help", tmp_path).out
    assert all(f"  make {target} " in page for target in ("demo", "test", "lint", "bench", "clean-data"))


def test_data_are_forgotten_and_what_was_fetched_stays(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    for folder in ("kafka-data", "kafka-libs", "warehouse", "faust"):
        (home / folder).mkdir(parents=True)
    for file in ("kafka.port", "demo-dompet.events.json", "mine.txt"):
        (home / file).touch()
    assert make("clean-data", home).code == 0
    assert sorted(path.name for path in home.iterdir()) == ["kafka-libs", "mine.txt"]
    assert make("clean-data", home).code == 0


def test_data_in_use_are_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "kafka-data").mkdir(parents=True)
    with FolderLock(home / "kafka.lock"):
        refused = make("clean-data", home)
    assert refused.code == 2
    assert refused.out == f"{home} is in use: stop what runs there first\n"
    assert (home / "kafka-data").is_dir()
