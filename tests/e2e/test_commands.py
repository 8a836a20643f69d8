"""The commands that move data, on a real Kafka: what they do, say and exit with."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.infra.ports import free_port
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.support.command import DOMPET, Ran, dompet, environment

pytestmark = pytest.mark.server

_UP_LIMIT_S = 180.0
CREDIT = (
    '{"type": "SaldoCredited", "event_id": "e-%d", "beneficiary_id": "b-%d", "occurred_at": "2020-05-01T00:00:00Z",'
    ' "publisher_id": "programme", "credit_id": "c-%d", "decree": "d", "wave": 1, "amount": 1000000}\n'
)


def credits(*numbers: int) -> str:
    return "".join(CREDIT % (number, number, number) for number in numbers)


class Folder:
    """A user's folder, whose settings name a Kafka and a log of their own."""

    def __init__(self, path: Path, kafka: str, topic: str) -> None:
        self.path = path
        self.topic = topic
        self.port = free_port()
        lines = (f'kafka = "{kafka}"', f'log_topic = "{topic}"', f'group = "{topic}"', f"web_port = {self.port}")
        (path / "dompet.toml").write_text("\n".join(lines))

    def dompet(self, *arguments: str, stdin: str = "") -> Ran:
        """Run a command here."""
        return dompet(*arguments, cwd=self.path, stdin=stdin.encode())

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[str]]:
        """A worker that is up, stopped by Ctrl-C at the end."""
        with subprocess.Popen(
            [*DOMPET, "worker"], stderr=subprocess.PIPE, text=True, cwd=self.path, env=environment()
        ) as process:
            try:
                deadline = time.monotonic() + _UP_LIMIT_S
                while self.health() != 200 and process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.1)
                assert self.health() == 200
                yield process
            finally:
                process.send_signal(signal.SIGINT)

    def health(self) -> int:
        """What the worker's health page answers; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@pytest.fixture
def folder(tmp_path: Path, kafka: str) -> Folder:
    """A user's folder with all its topics, and no warehouse yet."""
    folder = Folder(tmp_path, kafka, f"test-{uuid.uuid4()}")
    assert folder.dompet("topics").code == 0
    return folder


def test_topics_are_created_once_and_then_compared(tmp_path: Path, kafka: str, kafka_admin: AdminClient) -> None:
    topic = f"test-{tmp_path.name}"
    folder = Folder(tmp_path, kafka, topic)
    made, again = folder.dompet("topics"), folder.dompet("topics")
    assert (made.code, again.code) == (0, 0)
    assert f"{topic}: created\n" in made.out
    assert f"{topic}-dlq: created\n" in made.out
    assert ": created" not in again.out
    assert f"{topic}: as declared\n" in again.out


def test_a_topic_that_differs_is_reported_and_makes_the_exit_code_1(
    tmp_path: Path, kafka: str, kafka_admin: AdminClient
) -> None:
    topics = declared_topics(f"test-{tmp_path.name}")
    ensure_topics(kafka_admin, [replace(topics.log, partitions=2)])
    ran = Folder(tmp_path, kafka, topics.log.name).dompet("topics")
    assert ran.code == 1
    assert f"{topics.log.name}: differs\n  topic {topics.log.name}: has 2 partitions, 12 are declared\n" in ran.out


def test_events_are_published_from_a_file_and_from_a_pipe(folder: Folder) -> None:
    (folder.path / "events.jsonl").write_text(credits(1, 2))
    from_file = folder.dompet("publish", "events.jsonl")
    assert (from_file.code, from_file.out) == (0, "")
    assert from_file.err.startswith("✓ published 2 events in ")
    assert folder.dompet("publish", "-", stdin=credits(3)).err.startswith("✓ published 1 event in ")


def test_a_bad_line_is_reported_with_its_place_and_stops_or_is_left_out(folder: Folder) -> None:
    lines = credits(1) + "nonsense\n" + credits(2)
    stopped = folder.dompet("publish", "-", stdin=lines)
    skipped = folder.dompet("publish", "-", "--on-error", "skip", stdin=lines)
    assert (stopped.code, skipped.code) == (2, 2)
    assert stopped.err.startswith("-:2: the line is not JSON: ")
    assert "✓ published 1 event in " in stopped.err
    assert stopped.err.endswith("• stopped at the first bad line\n")
    assert "✓ published 2 events in " in skipped.err
    assert skipped.err.endswith("• left out 1 bad line\n")


def test_a_log_that_does_not_exist_is_one_sentence(tmp_path: Path, kafka: str) -> None:
    folder = Folder(tmp_path, kafka, "no-such-topic")
    assert folder.dompet("publish", "-", stdin=credits(1)).complaint == (
        f"the Kafka at {kafka} has no topic no-such-topic; `dompet topics` creates it"
    )
    worker = folder.dompet("worker", "--until-end")
    assert worker.code == 2
    assert worker.err.splitlines()[-1] == (
        "dompet: topic no-such-topic: does not exist: `dompet topics` creates what is missing"
    )


def test_migrations_are_applied_once(tmp_path: Path) -> None:
    made, again = dompet("migrate", cwd=tmp_path), dompet("migrate", cwd=tmp_path)
    assert (made.code, again.code) == (0, 0)
    assert "✓ 0001 journal rows\n" in made.err
    assert again.err == "✓ up to date\n"


def test_a_worker_folds_to_the_end_and_status_says_so(folder: Folder) -> None:
    folder.dompet("publish", "-", stdin=credits(*range(20)) + credits(1))
    worker = folder.dompet("worker", "--until-end")
    assert worker.code == 0, worker.err
    assert "✓ folded 21 records" in worker.err
    status = json.loads(folder.dompet("status", "--json").out)
    assert sum(one["lag"] for one in status["kafka"]["partitions"]) == 0
    assert sum(one["end_offset"] for one in status["kafka"]["partitions"]) == 21
    assert status["warehouse"]["rows"] == {
        "journal": 21, "wallets": 20, "orders": 0, "rejections": 0, "dead_letters": 0
    }  # fmt: skip
    assert status["warehouse"]["version"].startswith("ClickHouse ")
    page = folder.dompet("status").out
    assert "journal 21, wallets 20, orders 0, rejections 0, dead letters 0" in page
    assert folder.topic in page


def test_the_answer_to_a_query_is_written_in_the_format_asked_for(tmp_path: Path) -> None:
    dompet("migrate", cwd=tmp_path)

    def ask(*arguments: str, stdin: bytes = b"") -> Ran:
        return dompet("query", *arguments, cwd=tmp_path, stdin=stdin)

    assert ask("SELECT 1 AS one, 'a' AS two", "--format", "CSVWithNames").out == '"one","two"\n1,"a"\n'
    assert ask("-", "--format", "JSONEachRow", stdin=b"SELECT 1 AS one").out == '{"one":1}\n'
    pretty = ask("SELECT 1").out
    assert "│ 1 │" in pretty
    assert "\x1b" not in pretty
    for wrong in (["SELEC"], ["SELECT * FROM nope"], ["DROP TABLE journal_rows"], ["SELECT 1", "--format", "Nope"]):
        refused = ask(*wrong)
        assert refused.complaint
        assert refused.code == 2


def test_a_query_is_answered_beside_a_worker_on_an_embedded_warehouse(folder: Folder) -> None:
    with folder.worker() as worker:
        folder.dompet("publish", "-", stdin=credits(*range(20)))
        deadline = time.monotonic() + _UP_LIMIT_S
        answer = ""
        while answer != "20\n" and time.monotonic() < deadline:
            ran = folder.dompet("query", "SELECT count() FROM wallets", "--format", "TSV")
            assert (ran.code, ran.err) == (0, "")
            answer = ran.out
        assert answer == "20\n"
        assert "nope" in folder.dompet("query", "SELECT nope FROM wallets").complaint
        assert json.loads(folder.dompet("status", "--json").out)["warehouse"]["rows"]["wallets"] == 20
        assert folder.dompet("migrate").err == "✓ up to date\n"
    assert worker.returncode == 0
    assert folder.dompet("query", "SELECT count() FROM wallets", "--format", "TSV").out == "20\n"
