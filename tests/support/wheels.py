"""The wheel, and an environment that it is installed into alone."""

import importlib.metadata
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.command import environment

ROOT: Final = Path(__file__).parents[2]
LAYERS: Final = ("schemas", "projections", "streams", "infra")
_LIMIT_S: Final = 240


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that the checkout gets no build folders."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            *LAYERS,
            "setup.py",
            "pyproject.toml",
            "README.md",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    for name in tracked:
        copy = source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w"]
    subprocess.run([*pip, str(folder), str(source)], check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Light:
    """An environment with what `pip install dompet` brings."""

    folder: Path

    @property
    def packages(self) -> Path:
        """Where its libraries are."""
        (found,) = (self.folder / "lib").glob("python3*/site-packages")
        return found

    def distributions(self) -> set[str]:
        """The names of all that is installed."""
        return {
            str(one.metadata["Name"]).lower() for one in importlib.metadata.distributions(path=[str(self.packages)])
        }

    def python(self, *arguments: str, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
        """Run its Python to its end, far from the checkout."""
        return self._ran("python", *arguments, stdin=stdin, **variables)

    def dompet(self, *arguments: str, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
        """Run its `dompet` to its end, far from the checkout."""
        return self._ran("dompet", *arguments, stdin=stdin, **variables)

    def _ran(self, program: str, *arguments: str, stdin: bytes, **variables: str) -> subprocess.CompletedProcess[bytes]:
        given = {name: value for name, value in environment(variables).items() if not name.startswith("PYTHON")}
        command = [str(self.folder / "bin" / program), *arguments]
        return subprocess.run(
            command, input=stdin, cwd=self.folder, env=given, capture_output=True, timeout=_LIMIT_S, check=False
        )


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Light:
    """The wheel installed alone by pip, with its dependencies in the versions that are locked."""
    folder = tmp_path_factory.mktemp("light")
    locked = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(re.findall(r"^[^\s#].*==[^\\]*", locked, re.MULTILINE)))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "v")], check=True, timeout=_LIMIT_S)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "v" / "bin" / "python"), "install", "-q"]
    subprocess.run([*pip, "-c", str(constraints), str(wheel)], check=True, timeout=_LIMIT_S, cwd=folder)
    return Light(folder / "v")
