"""What is installed from the wheel is whole, and runs far from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.wheels import LAYERS, ROOT, wheel

pytestmark = pytest.mark.server

__all__ = ["wheel"]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `dompet` is the wheel's and not the checkout's."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target"]
    subprocess.run([*pip, str(target), str(wheel)], check=True)
    return {**os.environ, "PYTHONPATH": str(target)}


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("dompet/")}
    files = (path for layer in LAYERS for path in (ROOT / layer).rglob("*") if path.is_file())
    wanted = {f"dompet/{path.relative_to(ROOT)}" for path in files if "__pycache__" not in path.parts}
    assert held == wanted


def test_a_programme_runs_from_the_wheel_far_from_the_checkout(
    installed: dict[str, str], kafka: str, tmp_path: Path
) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import dompet.streams; print(dompet.streams.__file__)"],
        cwd=tmp_path,
        env=installed,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert where.startswith(installed["PYTHONPATH"])
    own = {"DOMPET_LOG_TOPIC": "wheel", "DOMPET_GROUP": "wheel"}
    settings = {"DOMPET_KAFKA": kafka, "DOMPET_HOME": str(tmp_path), **own}
    run = subprocess.run(
        [sys.executable, "-m", "dompet.streams.cli", "demo", "--people", "50"],
        cwd=tmp_path,
        env={**installed, **settings},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "credited" in run.stdout.lower()
