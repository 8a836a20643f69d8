"""Programs in other languages that ask the engine: each is built once, into `.dompet/clients`, and again where its
sources change.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.support.client_questions import CLIENTS, QUESTIONS, Found

_BUILT: Final = Path(__file__).parents[2] / ".dompet" / "clients"
_BUILD_LIMIT_S: Final = 900
_RUN_LIMIT_S: Final = 120
_INSTALL: Final = {
    "go": "Go 1.26 or newer: apt-get install golang-go, or from go.dev where Debian's is older",
    "node": "Node 20 or newer: apt-get install nodejs",
    "npm": "npm: apt-get install npm",
    "mvn": "Maven: apt-get install maven",
    "javac": "a JDK of Java 17 or newer: apt-get install openjdk-17-jdk-headless",
    "java": "Java 17 or newer: apt-get install openjdk-17-jdk-headless",
    "curl": "curl: apt-get install curl",
}


def tool(name: str) -> str:
    """Where a tool of another language is; RuntimeError, with what to install, where it is not."""
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"the clients of the engine are tested with {_INSTALL[name]}")
    return found


def ran(command: Sequence[str], folder: Path, limit_s: float = _RUN_LIMIT_S) -> str:
    """What the command printed; RuntimeError, with all that it said, where it failed."""
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=False)
    if answer.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{answer.stdout}{answer.stderr}".strip())
    return answer.stdout


def built(language: str) -> Path:
    """The folder of a language's program, built."""
    sources = sorted(path for path in (CLIENTS / language).rglob("*") if path.is_file())
    content = b"".join(path.read_bytes() for path in sources)
    folder = _BUILT / f"{language}-{hashlib.sha256(content).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    _BUILT.mkdir(parents=True, exist_ok=True)
    # Only what was built whole gets the name: what was interrupted is never taken for it.
    with tempfile.TemporaryDirectory(prefix=".building-", dir=_BUILT) as scratch:
        place = Path(scratch) / language
        shutil.copytree(CLIENTS / language, place)
        _BUILD[language](place)
        try:
            place.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster
                raise
    return folder


def _build_go(folder: Path) -> None:
    ran([tool("go"), "build", "-mod=readonly", "-o", "client", "."], folder, _BUILD_LIMIT_S)


def _build_java(folder: Path) -> None:
    tool("javac")
    ran([tool("mvn"), "--batch-mode", "--quiet", "--strict-checksums", "package"], folder, _BUILD_LIMIT_S)


def _build_node(folder: Path) -> None:
    tool("node")
    ran([tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder, _BUILD_LIMIT_S)


_BUILD: Final[dict[str, Callable[[Path], None]]] = {"go": _build_go, "java": _build_java, "node": _build_node}


def go(port: int, compression: str) -> Found:
    """What clickhouse-go finds over HTTP, with an answer that is packed so."""
    folder = built("go")
    return Found.of(ran([str(folder / "client"), f"127.0.0.1:{port}", str(QUESTIONS), compression], folder))


def java(port: int, timezone: str) -> Found:
    """What clickhouse-jdbc finds, on a machine of this time zone."""
    folder = built("java")
    path = os.pathsep.join([str(folder / "target" / "classes"), str(folder / "target" / "libs" / "*")])
    command = [tool("java"), f"-Duser.timezone={timezone}", "-cp", path, "dompet.Client"]
    return Found.of(ran([*command, f"127.0.0.1:{port}", str(QUESTIONS)], folder))


def node(port: int) -> Found:
    """What @clickhouse/client finds."""
    folder = built("node")
    return Found.of(ran([tool("node"), "client.mjs", f"http://127.0.0.1:{port}", str(QUESTIONS)], folder))
