"""Engines as processes of their own, and how the tests ask them over HTTP."""

import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyarrow as pa
import pytest

from dompet.infra.ports import free_port
from dompet.streams.engine.limits import Limits
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.holder import HOLDER
from tests.support.warehouses import KINDS, empty_warehouse, opened

_PROGRAM = """
import json, logging.config, sys
from pathlib import Path
from dompet.streams.process.memory import prepare_process
prepare_process()
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.run import run_engine
from dompet.streams.process.logs import logging_config
logging.config.dictConfig(logging_config())
place, port, limits = sys.argv[1], int(sys.argv[2]), Limits(**json.loads(sys.argv[3]))
began = lambda: print("up", flush=True)
if place.startswith("clickhouse:"):
    from dompet.streams.engine.in_front.run import run_in_front_of
    run_in_front_of(place, port, limits, began)
else:
    run_engine(Path(place), port, limits, began)
"""
_LIMIT_S = 60
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What a server answered; `cut`: the connection ended before the answer did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Endpoint:
    """A process that answers guests, and the port where it does."""

    port: int
    process: subprocess.Popen[str]

    def ask(
        self,
        sql: str = "",
        body: bytes | None = None,
        *,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        parameters: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Answer:
        """What a guest is answered. `sql` goes into the address where there is a body, else into the body."""
        parameters = {**(parameters or {}), **more}
        if body is not None and sql:
            parameters["query"] = sql
        content = body if body is not None else sql.encode()
        return _asked(self.port, method, path, parameters, content, headers or {})

    def told(self, sql: str, parameters: Mapping[str, Any] | None = None, **more: Any) -> str:
        """The answer of a query that must succeed, as text."""
        answer = self.ask(sql, parameters=parameters, **more)
        assert answer.status == 200, answer.text
        return answer.text


@dataclass
class EngineProcess(Endpoint):
    """An engine that runs, and its folder."""

    folder: Path

    def own(self, sql: str, block: bytes | None = None, **parameters: Any) -> Answer:
        """What the owner of the token is answered."""
        holder = json.loads((self.folder / HOLDER).read_text())
        if block is not None:
            parameters["query"] = sql
        port = urlsplit(holder["url"]).port
        assert port
        headers = {"Authorization": f"Bearer {holder['token']}"}
        return _asked(port, "POST", "/", parameters, block if block is not None else sql.encode(), headers)

    def do(self, sql: str) -> None:
        """Run a statement of the owner's that must succeed."""
        answer = self.own(sql)
        assert answer.status == 200, answer.text


@contextmanager
def engine(folder: Path, cwd: Path = _ROOT, /, **limits: Any) -> Iterator[EngineProcess]:
    """An engine on this folder, ended in order at last. `cwd`: its working directory."""
    with _running(str(folder), cwd, limits) as (port, process):
        yield EngineProcess(port, process, folder)


@contextmanager
def in_front_of(url: str, **limits: Any) -> Iterator[Endpoint]:
    """The endpoint before the server at `url`, ended in order at last."""
    with _running(url, _ROOT, limits) as (port, process):
        yield Endpoint(port, process)


@contextmanager
def _running(place: str, cwd: Path, limits: Mapping[str, Any]) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-c", _PROGRAM, place, str(port), json.dumps(asdict(Limits(**limits)))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "up\n"
            yield port, process
            process.terminate()
            assert process.wait(_LIMIT_S) == 0
        finally:
            process.kill()


def _asked(
    port: int, method: str, path: str, parameters: Mapping[str, Any], content: bytes, headers: Mapping[str, str]
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LIMIT_S)
    try:
        connection.request(method, f"{path}?{urlencode(parameters)}", content, dict(headers))
        response = connection.getresponse()
        try:
            return Answer(response.status, dict(response.headers), response.read())
        except http.client.IncompleteRead as cut:
            return Answer(response.status, dict(response.headers), cut.partial, cut=True)
    finally:
        connection.close()


@pytest.fixture(scope="session")
def shared_engine() -> Iterator[EngineProcess]:
    """An engine on a warehouse with its tables and views, and a table `scratch` of two numbers, for all tests that
    change nothing.
    """
    with tempfile.TemporaryDirectory(prefix="dompet-engine-") as folder:
        with opened(f"chdb://{folder}/warehouse") as warehouse:
            warehouse.execute("CREATE TABLE scratch (n Int64) ENGINE = MergeTree ORDER BY n")
            warehouse.insert("scratch", pa.table({"n": pa.array([1, 2], pa.int64())}))
        with engine(Path(folder) / "warehouse") as running:
            yield running


@pytest.fixture(scope="module", params=[*KINDS, "engine"])
def each_warehouse(request: pytest.FixtureRequest, clickhouse_server: str) -> Iterator[Warehouse]:
    """A warehouse of each kind in turn, with its tables and views: open in this process, a server's, and open in an
    engine.
    """
    kind = "server" if request.param == "server" else "embedded"
    with empty_warehouse(kind, clickhouse_server) as url, ExitStack() as stack:
        if request.param == "engine":
            stack.enter_context(engine(Path(urlsplit(url).path)))
        yield stack.enter_context(opened(url))
