"""A child process never outlives its parent, and is stopped by it alone."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dompet.infra.child import Child
from tests.support.processes import ends_within, kill_the_parent

pytestmark = pytest.mark.server

Start = Callable[[str], Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    children: list[Child] = []

    def run(script: str) -> Child:
        children.append(Child(["sh", "-c", script], log=tmp_path / "log", cwd=tmp_path))
        return children[-1]

    yield run
    for child in children:
        child.kill()


def wait_for_line(child: Child, line: str) -> None:
    deadline = time.monotonic() + 10
    while line not in child.last_lines().splitlines():
        assert time.monotonic() < deadline, f"no {line!r} in {child.last_lines()!r}"
        time.sleep(0.01)


def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from dompet.infra.child import Child; folder = Path(sys.argv[1])\n"
        "child = Child(['sleep', '60'], log=folder / 'log', cwd=folder); print(child.pid, flush=True); sys.stdin.read()"
    )
    assert ends_within(10.0, kill_the_parent(program, tmp_path))


def test_it_outlives_the_thread_that_started_it(start: Start) -> None:
    children: list[Child] = []
    thread = threading.Thread(target=lambda: children.append(start("echo ready; exec sleep 60")))
    thread.start()
    thread.join()
    wait_for_line(children[0], "ready")
    assert children[0].running


def test_a_ctrl_c_in_the_terminal_does_not_reach_it(start: Start) -> None:
    child = start("exec sleep 60")
    assert os.getsid(child.pid) == child.pid != os.getsid(0)


def test_it_is_asked_to_stop_first(start: Start) -> None:
    child = start("trap 'echo in order; exit 3' TERM; echo ready; while :; do sleep 0.01; done")
    wait_for_line(child, "ready")
    child.stop(limit_s=10)
    assert (child.running, child.returncode, child.last_lines(1)) == (False, 3, "in order")


def test_it_is_killed_when_it_does_not_stop(start: Start) -> None:
    child = start("trap '' TERM; echo ready; while :; do sleep 0.01; done")
    wait_for_line(child, "ready")
    child.stop(limit_s=0.1)
    assert (child.running, child.returncode) == (False, -9)


def test_its_last_lines_are_of_this_run(start: Start) -> None:
    wait_for_line(start("echo first run"), "first run")
    second = start("for n in 1 2 3; do echo $n; done")
    wait_for_line(second, "3")
    assert second.last_lines(2) == "2\n3"
    assert "first run" not in second.last_lines()


def test_a_command_that_does_not_exist_says_so_in_the_log(tmp_path: Path) -> None:
    child = Child(["no-such-command"], log=tmp_path / "log", cwd=tmp_path)
    wait_for_line(child, "cannot run no-such-command: No such file or directory")


def test_a_folder_that_does_not_exist_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Child(["true"], log=tmp_path / "log", cwd=tmp_path / "missing")


def test_a_large_log_is_set_aside_at_the_next_start(tmp_path: Path, start: Start) -> None:
    (tmp_path / "log").write_bytes(b"x" * 10_000_001)
    wait_for_line(start("echo fresh"), "fresh")
    assert (tmp_path / "log").read_text() == "fresh\n"
    assert (tmp_path / "log.1").stat().st_size == 10_000_001
