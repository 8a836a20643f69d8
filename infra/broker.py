"""A real Apache Kafka of one node (KRaft, broker and controller in one process), as a child process."""

import base64
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from dompet.infra.child import Child
from dompet.infra.errors import BrokerError
from dompet.infra.jars import KAFKA_FILES, fetched_jars, find_java, kafka_version
from dompet.infra.kafka_users import KafkaUsers, write_for_owner
from dompet.infra.lock import FolderInUseError, FolderLock
from dompet.infra.ports import HOST, accepts, claim, free_port, is_free

_DATA = "kafka-data"
_START_LIMIT_S = 90.0
_STOP_LIMIT_S = 30.0
_FORMAT_LIMIT_S = 60.0
_POLL_S = 0.05
_JAVA_OPTIONS = (
    # A quick compiler only: half the CPU to start, and less over the first millions of records too (measured, 2 cores).
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseG1GC",
    # An exhausted heap ends Kafka where it would limp on.
    "-XX:+ExitOnOutOfMemoryError",
    # Statistics in shared memory are files that a killed Java leaves behind, and so is what it unpacks for itself.
    "-XX:+PerfDisableSharedMem",
    "-Djava.io.tmpdir=kafka-tmp",
)

USUAL_PORT = 19_092
"""Where the local Kafka of a home listens, unless another program does: far from other Kafkas' 9092."""


class LocalBroker:
    """Kafka for one machine: data and log in `home`, listening on loopback only.

    `port` 0 means: the port of the last start in this home, or any free one; if `usual`, USUAL_PORT where it is free.
    `secure`: closed to all but users with rights (`kafka_users`); a home that was so once stays so. `libs` is where the
    jars are kept, by default in `home`. `progress` receives each step. Every failure is a
    BrokerError.
    """

    def __init__(
        self,
        home: Path,
        port: int = 9092,
        *,
        usual: bool = False,
        libs: Path | None = None,
        heap_mb_max: int = 768,
        secure: bool = False,
        progress: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.home = home.absolute()
        self.log = self.home / "kafka.log"
        self.port = port
        self._port_asked = port
        self._usual = usual
        self._libs = libs.absolute() if libs else self.home / "kafka-libs"
        self._heap_mb_max = heap_mb_max
        self._secure = secure
        self._users: KafkaUsers | None = None
        self._inner_port = 0
        self._progress = progress
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """Where it listens: a value for `bootstrap.servers`."""
        return f"{HOST}:{self.port}"

    @property
    def cluster_id(self) -> str:
        """The id that was generated when its data folder was made."""
        lines = (self.home / _DATA / "meta.properties").read_text().splitlines()
        return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child and self._child.running else None

    def start(self) -> None:
        """Start it and return once it answers; nothing happens if it runs already."""
        if self.pid is not None:
            return
        try:
            child = self._launch()
        except FolderInUseError as error:
            raise BrokerError(
                f"{self.home} is in use by the Kafka of process {error.owner_pid}: stop it first"
            ) from error
        except OSError as error:
            raise BrokerError(f"the local Kafka cannot use {error.filename or self.home}: {error.strerror}") from error
        self._child = child
        try:
            self._wait_until_it_answers(child)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it in order, by force after 30 s; nothing happens if it does not run."""
        if self._child:
            self._child.stop(_STOP_LIMIT_S)

    def kill(self) -> None:
        """End it at once, as kill -9 does."""
        if self._child:
            self._child.kill()

    def _launch(self) -> Child:
        java = find_java()
        jars = fetched_jars(self._libs, self._progress)
        self.home.mkdir(parents=True, exist_ok=True)
        # Kafka inherits the lock, and so holds it for exactly as long as it can write to the folder.
        with FolderLock(self.home / "kafka.lock") as lock:
            self._users = KafkaUsers.of(self.home, make=self._secure)
            self._make_data(java, jars)
            self._choose_port()
            self._progress(f"starting Kafka {kafka_version()} on {self.bootstrap}")
            self._inner_port = free_port()
            self._write_properties(_DATA, self.port, controller_port=free_port())
            command = self._java_command(java, jars, "kafka.Kafka", "kafka.properties")
            return Child(command, log=self.log, cwd=self.home, pass_fds=[lock.fd])

    def _java_command(self, java: Path, jars: Path, *program: str) -> list[str | Path]:
        return [java, f"-Xmx{self._heap_mb_max}m", *_JAVA_OPTIONS, "-cp", f"{KAFKA_FILES}:{jars}/*", *program]

    def _make_data(self, java: Path, jars: Path) -> None:
        shutil.rmtree(self.home / "kafka-tmp", ignore_errors=True)
        (self.home / "kafka-tmp").mkdir()
        if (self.home / _DATA).is_dir():
            return
        # Only a formatted folder gets the final name: what was interrupted is never taken for it.
        unfinished = f"{_DATA}.unfinished"
        shutil.rmtree(self.home / unfinished, ignore_errors=True)
        self._write_properties(unfinished, port=1, controller_port=2)
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id", _new_cluster_id(), "--config", "kafka.properties"]
        command = self._java_command(java, jars, *tool)
        try:
            answer = subprocess.run(
                command, cwd=self.home, capture_output=True, text=True, timeout=_FORMAT_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise BrokerError(f"Kafka did not format {self.home / _DATA} within {_FORMAT_LIMIT_S:.0f} s") from error
        if answer.returncode != 0:
            raise BrokerError(f"Kafka could not format {self.home / _DATA}: {answer.stdout}{answer.stderr}".strip())
        (self.home / unfinished).rename(self.home / _DATA)

    def _choose_port(self) -> None:
        memory = self.home / "kafka.port"
        remembered = memory.read_text() if memory.exists() else ""
        wanted = self._port_asked or int(remembered.isdecimal() and remembered)
        if self._port_asked and not is_free(wanted):
            raise BrokerError(f"port {wanted} is taken: stop what listens there, or choose another port (--port)")
        if wanted and not is_free(wanted):
            self._progress(f"port {wanted}, used the last time, is taken: choosing another")
            wanted = 0
        self.port = wanted or (USUAL_PORT if self._usual and claim(USUAL_PORT) else free_port())
        memory.write_text(str(self.port))

    def _write_properties(self, data: str, port: int, controller_port: int) -> None:
        # The data folder is named relative to the working directory: a path may hold what a properties file cannot.
        added = [f"controller.quorum.voters=1@{HOST}:{controller_port}", f"log.dirs={data}"]
        if self._users is None:
            added.append(f"listeners=PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}")
        else:
            added += self._users.properties(port, self._inner_port or 3, controller_port)
        declared = (KAFKA_FILES / "server.properties").read_text()
        # Of two lines for a setting the last one holds.
        write_for_owner(self.home / "kafka.properties", "\n".join([declared, *added, ""]))

    def _wait_until_it_answers(self, child: Child) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        while child.running and time.monotonic() < deadline:
            if accepts(self.port) and self._answers():
                if self._users is not None:
                    self._users.make_own(self._inner_port)
                    self._users.write_client(self.port)
                return
            time.sleep(_POLL_S)
        if child.running:
            raise BrokerError(f"Kafka did not answer within {_START_LIMIT_S:.0f} s, see {self.log}")
        said = child.last_lines() or "it wrote nothing"
        raise BrokerError(f"Kafka ended while starting (exit code {child.returncode}), see {self.log}:\n{said}")

    def _answers(self) -> bool:
        client = self._users.inner(self._inner_port) if self._users else None
        try:
            cluster = AdminClient(client or {"bootstrap.servers": self.bootstrap, "log_level": 0}).list_topics(
                timeout=5
            )
        except KafkaException:
            return False
        return bool(cluster.brokers) and cluster.cluster_id == self.cluster_id


def _new_cluster_id() -> str:
    # As Kafka's own Uuid.randomUuid: one that begins with a dash would be read as an option.
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
