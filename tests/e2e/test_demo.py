"""`dompet demo`, as a user runs it: what it reports is what the model says, whatever interrupted it before."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dompet.infra.lock import FolderLock
from dompet.streams.demo.report.next_steps import COMMANDS, QUERIES
from dompet.streams.publish import Publisher
from tests.e2e.expected import Expected
from tests.schemas.surveys import survey
from tests.support.command import DOMPET, Ran, dompet, environment
from tests.support.kafka import JARS, LogTopicMaker

pytestmark = pytest.mark.server

PEOPLE, CUT_PEOPLE, SEED = 300, 4_000, 5
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def home_with_jars(folder: Path) -> Path:
    """A home that need not fetch Kafka again."""
    JARS.mkdir(parents=True, exist_ok=True)
    (folder / "home").mkdir()
    (folder / "home" / "kafka-libs").symlink_to(JARS)
    return folder / "home"


def demo(home: Path, *arguments: str) -> Ran:
    return dompet(
        "demo", "--seed", str(SEED), "--home", str(home), *arguments, cwd=home.parent, variables={"COLUMNS": "120"}
    )


def assert_nothing_runs(home: Path) -> None:
    """Neither Kafka, nor anybody who holds the warehouse."""
    with FolderLock(home / "kafka.lock", wait_s=0):
        pass
    holder = home / "warehouse" / "dompet.holder"
    assert not holder.exists() or subprocess.run(["flock", "-n", holder, "true"], check=False).returncode == 0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home_with_jars(tmp_path_factory.mktemp("demo folder"))


@pytest.fixture(scope="module")
def first(home: Path) -> Ran:
    """The first run."""
    return demo(home, "--people", str(PEOPLE))


def test_the_report_is_what_the_model_says(home: Path, first: Ran) -> None:
    assert first.code == 0, first.err
    Expected(PEOPLE, SEED).check(first.out)
    assert f"✓ published {Expected(PEOPLE, SEED).outcomes.total():,} events: " in first.err
    assert "Speed  published " in first.out
    assert_nothing_runs(home)


def test_a_pipe_gets_no_control_character_and_no_step_but_the_report(first: Ran) -> None:
    assert not CONTROL.search(first.out + first.err)
    assert "Kafka" not in first.out


def test_a_second_run_starts_where_the_data_are_and_says_so(home: Path, first: Ran) -> None:
    again = demo(home, "--people", str(PEOPLE + 1))
    assert again.code == 0, again.err
    assert f"are those of {PEOPLE} people, seed {SEED}: they are used" in again.err
    assert "✓ already published: " in again.err
    assert "✓ already folded to the log's end" in again.err
    assert again.out == first.out


def test_another_warehouse_gets_the_same_report_from_the_same_log(
    home: Path, first: Ran, clickhouse_server: str
) -> None:
    server = demo(home, "--people", str(PEOPLE), "--warehouse", clickhouse_server)
    assert server.code == 0, server.err
    assert f"@{clickhouse_server.rpartition('@')[2]}: ClickHouse " in server.err
    assert "✓ already published: " in server.err
    tables = first.out.split("\nSpeed")[0]
    assert server.out.startswith(tables)
    assert clickhouse_server not in server.out + server.err
    person = re.search(r" wallet (b-\w+)", first.out)
    assert person
    answers = [dompet("query", sql, "--warehouse", clickhouse_server, cwd=home.parent) for sql in QUERIES.values()]
    assert all("1. │" in answer.out for answer in answers)
    for command in COMMANDS.values():
        words = command.format(busiest=person[1]).split()
        answers.append(dompet(*words, "--warehouse", clickhouse_server, cwd=home.parent))
    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 6


def test_what_it_says_to_ask_next_works_when_pasted(home: Path, first: Ran) -> None:
    lines = [line.strip() for line in first.out.split("What to ask next")[1].splitlines() if line.startswith("    ")]
    assert [" query " in line for line in lines] == [True] * 3 + [False] * 3
    for line in lines:
        shell = shutil.which("sh") or "/bin/sh"
        pasted = subprocess.run(
            [shell, "-c", line], capture_output=True, text=True, cwd=home.parent, env=environment(), check=False
        )
        assert (pasted.returncode, pasted.stderr) == (0, "")
        assert "1. │" in pasted.stdout or " query " not in line
        assert pasted.stdout


def test_a_log_with_anything_else_on_it_is_left_alone(tmp_path: Path, kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic()
    with Publisher(kafka, topic) as publisher:
        publisher.publish(survey("person-1", 1))
    ran = dompet("demo", "--people", "10", "--kafka", kafka, "--log-topic", topic, cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.splitlines()[-1] == (
        f"dompet: topic {topic} at {kafka} holds 1 record that this demo did not publish: "
        "name another topic with --log-topic, or another Kafka"
    )


def interrupted(home: Path, after: str, seconds: float) -> Ran:
    """A run that gets Ctrl-C so many seconds after it said something."""
    arguments = ["demo", "--seed", str(SEED), "--people", str(CUT_PEOPLE), "--home", str(home)]
    with subprocess.Popen(
        [*DOMPET, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if after in line:
                break
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    return Ran(process.returncode, out, said + err)


def test_a_run_that_is_stopped_anywhere_is_continued_to_the_same_report(tmp_path: Path) -> None:
    home = home_with_jars(tmp_path)
    moments = (("listens on", 0.0), ("catalogue published", 0.3), ("✓ published", 0.0), ("already published", 0.3))
    for after, seconds in moments:
        cut = interrupted(home, after, seconds)
        assert cut.code == 130, cut.err
        assert cut.err.splitlines()[-1] == "dompet: stopped"
        assert cut.out == ""
        assert_nothing_runs(home)
    whole = demo(home, "--people", str(CUT_PEOPLE))
    assert whole.code == 0, whole.err
    Expected(CUT_PEOPLE, SEED).check(whole.out)
