"""The embedded warehouse as part of a run: whichever engine holds it, a child of one of the workers."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from clickhouse_driver import Client

from dompet.infra.child import Child
from dompet.streams.warehouse import WarehouseError
from dompet.streams.warehouse.engine_http import EngineHttp, engine_answers
from dompet.streams.warehouse.holder import holder_of

_LIMIT_S: Final = 240.0
"""Longer than a worker waits for an engine that does not answer."""
_LOOK_S: Final = 0.05


class HeldEngine:
    """The engine of a folder. Its worker starts another where it ends, so `start` only waits for that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def url(self) -> str:
        """The warehouse, for dompet and for `client_of`."""
        return f"chdb://{self._folder}"

    @property
    def pid(self) -> int | None:
        """The process that holds the folder, while it runs."""
        holder = holder_of(self._folder)
        return holder.pid if holder and Path(f"/proc/{holder.pid}").exists() else None

    def start(self) -> None:
        """Return once an engine answers."""
        deadline = time.monotonic() + _LIMIT_S
        while not engine_answers(self._folder):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no engine answers for {self._folder}")
            time.sleep(_LOOK_S)

    def stop(self) -> None:
        """End it in order."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """An engine of the run's own, for the judges, once the workers have ended."""
        command = [sys.executable, "-m", "dompet.streams.cli", "engine", f"--warehouse={self.url}", "--engine-port=0"]
        child = Child(command, log=self._folder.parent / "engine.log", cwd=self._folder.parent)
        try:
            self.start()
            yield
        finally:
            child.stop(_LIMIT_S)

    def _send(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, number)
        deadline = time.monotonic() + _LIMIT_S
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(_LOOK_S)


class EngineClient:
    """Asks an engine as clickhouse-driver's client asks a server."""

    def __init__(self, folder: Path) -> None:
        self._http = EngineHttp(folder)

    def __enter__(self) -> "EngineClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query; OSError where nobody answers."""
        try:
            content = self._http.content(sql, "default", "JSONCompactEachRow")
        except WarehouseError as error:
            raise OSError(str(error)) from None
        return [tuple(json.loads(line)) for line in content.splitlines()]

    def disconnect(self) -> None:
        """Close what is open."""
        self._http.close()


AnyClient: TypeAlias = Client | EngineClient
"""Either: both execute queries."""


def client_of(url: str) -> AnyClient:
    """A client of the warehouse at the URL."""
    return EngineClient(Path(url.removeprefix("chdb://"))) if url.startswith("chdb://") else Client.from_url(url)
