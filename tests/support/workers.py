"""Workers as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from dompet.infra.ports import free_port
from dompet.streams.settings import Settings
from dompet.streams.settings.declaration import declared_settings
from tests.support.command import ForkedProcess

_ROOT = Path(__file__).parents[2]
_LIMIT_S = 120.0  # of a busy machine: nothing that is well takes as long

DOMPET = ("-m", "dompet.streams.cli", "worker")
FAUST = ("-m", "faust", "-A", "dompet.streams.app", "worker")


Process = ForkedProcess | subprocess.Popen[str]


class WorkerProcess:
    """A worker that runs, and what it says."""

    def __init__(self, process: Process, port: int, said: IO[str]) -> None:
        self.process = process
        self.port = port
        self.stderr = ""
        self._said = said
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def end(self, by: signal.Signals | None = None) -> int:
        """Send it a signal, if any, and wait for its end; its exit code."""
        if by is not None:
            self.process.send_signal(by)
        try:
            code = self.process.wait(_LIMIT_S)
        finally:
            self.process.kill()
            self._reader.join()
        return code

    def _listen(self) -> None:
        with self._said:
            self.stderr = self._said.read()


@contextmanager
def worker(settings: Settings, *arguments: str, command: tuple[str, ...] = DOMPET) -> Iterator[WorkerProcess]:
    """A worker with these settings in its environment, killed at the end if it still runs."""
    port = free_port()
    variables = {**environment(settings), "DOMPET_WEB_PORT": str(port), "DOMPET_ENGINE_PORT": "0"}
    said, says = os.pipe()
    with open(says, "w") as err, open(os.devnull, "r+") as nothing:  # noqa: PTH123  (a pipe has no path)
        process: Process
        if command == DOMPET:
            process = ForkedProcess(("worker", *arguments), _ROOT, variables, (nothing, nothing, err))
        else:
            process = subprocess.Popen(
                [sys.executable, *command, *arguments],
                env=variables,
                stdout=nothing,
                stderr=err,
                cwd=_ROOT,
                text=True,
            )
    run = WorkerProcess(process, port, os.fdopen(said))
    try:
        yield run
    finally:
        process.kill()
        run.end()


def environment(settings: Settings) -> Mapping[str, str]:
    """This process's environment, with these settings."""
    return {**os.environ, **variables(settings)}


def variables(settings: Settings) -> Mapping[str, str]:
    """The part of an environment that gives these settings."""
    given = {name: getattr(settings, name) for name in declared_settings().keys() - {"config", "web_port"}}
    return {f"DOMPET_{name.upper()}": str(value) for name, value in given.items() if value is not None}


def run_to_end(settings: Settings) -> WorkerProcess:
    """Fold to the log's end in a worker, which must end well."""
    with worker(settings, "--until-end") as run:
        assert (run.end(), run.stderr.count("Traceback")) == (0, 0), run.stderr
    return run


def until(run: WorkerProcess, holds: Callable[[Any], bool]) -> tuple[int, Any]:
    """The first answer of /health that is so: its status and what it says."""
    deadline, content = time.monotonic() + _LIMIT_S, b"no answer"
    while time.monotonic() < deadline and run.process.poll() is None:
        try:
            status, content = get(run, "/health")
            if holds(json.loads(content)):
                return status, json.loads(content)
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"it did not come: {content!r}, exit code {run.process.poll()}, {run.stderr}")


def get(run: WorkerProcess, path: str, body: bytes | None = None, token: str = "") -> tuple[int, bytes]:
    """Status and content of one of the worker's pages."""
    request = urllib.request.Request(f"http://127.0.0.1:{run.port}{path}", body)
    request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  (the worker's own page)
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
