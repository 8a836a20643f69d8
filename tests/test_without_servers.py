"""In the fast loop no test starts a process: what starts one is left out, or fails."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[1]
STARTS = {
    "run": "subprocess.run(['true'])",
    "fork": "os.fork()",
    "shell": "os.system('true')",
    "spawn": "multiprocessing.get_context('spawn').Process(target=print).start()",
    "thread": "thread = threading.Thread(target=os.fork); thread.start(); thread.join()",
    "caught": "contextlib.suppress(OSError)(subprocess.run)(['true'])",
}
FILE = """
import contextlib, multiprocessing, os, subprocess, threading
import pytest

@pytest.fixture
def started():
    subprocess.run(["true"])

@pytest.fixture
def kafka_broker():
    subprocess.run(["true"])

def test_fixture(started): pass
def test_left_out(kafka_broker): pass
@pytest.mark.server
def test_marked(): subprocess.run(["true"])
def test_calm(): pass
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """How each test of such a suite ended."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = server\n")
    (folder / "test_some.py").write_text(FILE + "".join(f"def test_{name}(): {do}\n" for name, do in STARTS.items()))
    (folder / "test_marked.py").write_text("import no_such_module\npytestmark = pytest.mark.server\n")
    plugins = ["-p", "tests.support.without_servers", "-p", "no:schemathesis"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-qrA", "--tb=no", *plugins, "--without-servers", folder],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.partition("::test_") for line in ran.stdout.splitlines()]
    return {name.split()[0]: outcome.split()[0] for outcome, _, name in lines if name}


@pytest.mark.parametrize("name", STARTS)
def test_a_test_that_starts_a_process_fails_whatever_it_makes_of_the_refusal(ended: dict[str, str], name: str) -> None:
    assert ended[name] == "FAILED"


def test_so_does_one_whose_fixture_starts_one(ended: dict[str, str]) -> None:
    assert ended["fixture"] == "ERROR"


def test_what_is_marked_or_has_a_server_s_fixture_is_left_out_and_the_others_pass(ended: dict[str, str]) -> None:
    assert ended.keys() == STARTS.keys() | {"fixture", "calm"}
    assert ended["calm"] == "PASSED"
