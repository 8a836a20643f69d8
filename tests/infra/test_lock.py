"""A folder has one owner, as long as it or a child of it lives."""

import os
import subprocess
from pathlib import Path

import pytest

from dompet.infra.child import Child
from dompet.infra.lock import FolderInUseError, FolderLock
from tests.support.processes import kill_the_parent

HOLD = (
    "import sys; from pathlib import Path; from dompet.infra.child import Child; from dompet.infra.lock import *\n"
    "folder = Path(sys.argv[1])\n"
    "with FolderLock(folder / 'lock') as lock:\n"
    "    sleeper = ['sh', '-c', 'trap \"sleep 0.5; exit\" TERM; echo ready; while :; do sleep 0.01; done']\n"
    "    child = Child(sleeper, log=folder / 'log', cwd=folder, pass_fds=[lock.fd])\n"
    "while not child.last_lines(): pass\n"
    "print(child.pid, flush=True); sys.stdin.read()"
)


def test_a_second_owner_is_refused_and_reported_of_the_first(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "lock"):
        with pytest.raises(FolderInUseError) as refused, FolderLock(tmp_path / "lock"):
            pass
        assert refused.value.owner_pid == os.getpid()


@pytest.mark.server
def test_a_child_that_inherited_the_lock_holds_it_until_it_ends(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "lock") as lock:
        child = Child(["sleep", "60"], log=tmp_path / "log", cwd=tmp_path, pass_fds=[lock.fd])
    with pytest.raises(FolderInUseError), FolderLock(tmp_path / "lock"):
        pass
    child.kill()
    with FolderLock(tmp_path / "lock"):
        pass


@pytest.mark.server
def test_the_child_of_a_dead_owner_is_waited_for(tmp_path: Path) -> None:
    kill_the_parent(HOLD, tmp_path)
    with FolderLock(tmp_path / "lock", wait_s=10):
        assert int((tmp_path / "lock").read_text()) == os.getpid()


@pytest.mark.server
def test_other_processes_started_meanwhile_do_not_hold_it(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "lock"):
        bystander = subprocess.Popen(["sleep", "60"])
    try:
        with FolderLock(tmp_path / "lock"):
            pass
    finally:
        bystander.kill()
        bystander.wait()
