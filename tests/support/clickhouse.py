"""A real ClickHouse server for the tests. Where none is installed they fail: they never pass by being skipped."""

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import Error

from dompet.infra.child import Child
from dompet.infra.ports import HOST, accepts, free_port

USER = "dompet"
_START_LIMIT_S = 60.0
_STOP_LIMIT_S = 30.0
_POLL_S = 0.02

_CONFIG = """<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>{host}</listen_host>
  <tcp_port>{port}</tcp_port>
  {http}
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <user_files_path>{folder}/user_files/</user_files_path>
  <format_schema_path>{folder}/format_schemas/</format_schema_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>{timezone}</timezone>
  <mark_cache_size>67108864</mark_cache_size>
</yandex>
"""

_USERS = """<?xml version="1.0"?>
<yandex>
  <!-- Seconds between two looks, on an idle connection, at whether the server is stopping: 10 by default. -->
  <profiles><default><poll_interval>1</poll_interval></default></profiles>
  <quotas><default></default></quotas>
  <users>
    <{user}>
      <password>{password}</password>
      <networks><ip>{host}</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </{user}>
  </users>
</yandex>
"""


class ClickHouseServer:
    """The installed `clickhouse-server`, all its files in `folder`, on one loopback port for all its starts.

    `timezone` is the server's own: what is stored and answered must not depend on it. `http`: it listens for HTTP, too.
    """

    def __init__(self, folder: Path, timezone: str = "UTC", *, http: bool = False) -> None:
        self._folder = folder
        self._timezone = timezone
        self._port = free_port()
        self._http_port = free_port() if http else 0
        self._password = secrets.token_hex(16)
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, with user and password, for the native protocol."""
        return f"clickhouse://{USER}:{self._password}@{HOST}:{self._port}/default"

    @property
    def http_url(self) -> str:
        """Where it listens for HTTP, if it does, without user and password."""
        return f"http://{HOST}:{self._http_port}/"

    @property
    def password(self) -> str:
        """The password of USER."""
        return self._password

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child and self._child.running else None

    def start(self) -> None:
        """Start it on the data of its folder and return once it answers."""
        assert self.pid is None, "the ClickHouse server runs already"
        for part in ("data", "tmp", "user_files", "format_schemas"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        config = self._folder / "config.xml"
        http = f"<http_port>{self._http_port}</http_port>" if self._http_port else ""
        where = {"folder": self._folder, "host": HOST, "port": self._port, "http": http}
        config.write_text(_CONFIG.format(**where, timezone=self._timezone))
        (self._folder / "users.xml").write_text(_USERS.format(user=USER, password=self._password, host=HOST))
        self._child = Child(
            [_installed_server(), f"--config-file={config}"],
            log=self._folder / "server.log",
            cwd=self._folder,
            death_signal=signal.SIGKILL,
        )
        self._wait_until_it_answers(self._child)

    def stop(self) -> None:
        """Stop it in order."""
        if self._child:
            self._child.stop(_STOP_LIMIT_S)

    def kill(self) -> None:
        """End it at once, as kill -9 does."""
        if self._child:
            self._child.kill()

    def restart(self) -> None:
        """Stop it in order, and start it again on the same data and port."""
        self.stop()
        self.start()

    def is_kept_waiting(self) -> None:
        """Return once somebody has sent it what it has not read: a server that is stopped reads nothing."""
        deadline = time.monotonic() + _START_LIMIT_S
        while not self._unread():
            assert time.monotonic() < deadline, "nobody asked the server for anything"
            time.sleep(_POLL_S)

    def _unread(self) -> int:
        """Bytes that wait in its connections, as the system counts them."""
        fields = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(int(one[4].partition(":")[2], 16) for one in fields if one[1].endswith(f":{self._port:04X}"))

    def _wait_until_it_answers(self, child: Child) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        while child.running and time.monotonic() < deadline:
            if accepts(self._port) and self._answers():
                return
            time.sleep(_POLL_S)
        self.kill()
        raise RuntimeError(f"the ClickHouse server did not start:\n{child.last_lines()}")

    def _answers(self) -> bool:
        try:
            with Client.from_url(self.url) as client:
                client.execute("SELECT 1")
        except (Error, OSError):
            return False
        return True


def _installed_server() -> str:
    # Debian installs it where an ordinary user's PATH does not look.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/bin"])
    found = shutil.which("clickhouse-server", path=path)
    if found is None:
        raise RuntimeError("the tests need a ClickHouse server: apt-get install clickhouse-server")
    return found


@pytest.fixture(scope="session")
def clickhouse_server() -> Iterator[str]:
    """The URL of a ClickHouse server of this test run."""
    with tempfile.TemporaryDirectory(prefix="dompet-clickhouse-") as folder, ClickHouseServer(Path(folder)) as server:
        yield server.url
