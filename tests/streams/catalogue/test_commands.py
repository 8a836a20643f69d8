"""`dompet catalogue` as a user runs it, and a worker that takes up what is loaded without a restart."""

import json
import signal
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from dompet.infra.broker import LocalBroker
from dompet.infra.ports import free_port
from dompet.streams.settings import read_settings
from tests.support.command import Ran, dompet
from tests.support.kafka import JARS
from tests.support.workers import WorkerProcess, until, worker

pytestmark = pytest.mark.server

_LIMIT_S = 120.0
PRICES = """\
course_id,institution_id,title,category,price,minutes,outside_price,free_elsewhere,valid_from,valid_to
kursus,lembaga,Barista,Makanan,200000,600,,false,2020-04-01,2020-06-01
kursus,lembaga,Barista,Makanan,250000,600,,false,2020-06-01,
lain,lembaga,Bahasa,Bahasa,100000,600,,true,2021-01-01,
"""
WARUNG = """\
[[platforms]]
platform_id = "warung"
name = "Warung Ilmu"
operator = "private"
criteria = "national_service"
status = "active"
valid_from = 2020-04-01
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home whose own Kafka runs, with all topics."""
    with tempfile.TemporaryDirectory(prefix="dompet-catalogue-") as folder, LocalBroker(Path(folder), 0, libs=JARS):
        assert dompet("topics", "--home", folder, cwd=Path(folder)).code == 0
        yield Path(folder)


def run(home: Path, *arguments: str) -> Ran:
    return dompet(*arguments, "--home", str(home), cwd=home)


def load(home: Path, name: str, text: str) -> Ran:
    (home / name).write_text(text, "utf-8")
    return run(home, "catalogue", "load", name)


def listed(home: Path, *arguments: str) -> list[dict[str, object]]:
    ran = run(home, "catalogue", "list", "--format", "JSONEachRow", *arguments)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.fixture(scope="module")
def loaded(home: Path) -> Path:
    """The home, the example and some courses loaded."""
    with as_file(files("dompet.schemas") / "catalogue.toml") as example:
        ran = run(home, "catalogue", "load", str(example))
    assert (ran.code, ran.out, ran.err) == (0, "", "✓ catalogue: 8 listings published to dompet.catalogue\n")
    assert load(home, "courses.csv", PRICES).code == 0
    return home


def test_what_is_loaded_is_listed_at_once_without_a_worker(loaded: Path) -> None:
    platforms = listed(loaded, "--kind", "platforms")
    assert len(platforms) == 8
    assert platforms[0] == {
        "platform_id": "bukalapak",
        "name": "Bukalapak",
        "operator": "private",
        "mou_signed_on": "2020-03-20",
        "pks_signed_on": None,
        "criteria": "national_service,information_system,online_portal,training_partners",
        "status": "active",
        "valid_from": "2020-03-19 17:00:00",
        "valid_to": None,
    }


def test_without_a_kind_everything_is_listed_by_what_all_kinds_have(loaded: Path) -> None:
    everything = listed(loaded)
    assert len(everything) == 11
    assert everything[0] == {
        "kind": "courses",
        "id": "kursus",
        "name": "Barista",
        "valid_from": "2020-03-31 17:00:00",
        "valid_to": "2020-05-31 17:00:00",
    }


@pytest.mark.parametrize(
    ("moment", "prices"),
    [
        ("2020-03-31T23:59:59+07:00", {}),
        ("2020-03-31", {}),
        ("2020-04-01", {"kursus": 200_000}),
        ("2020-05-31", {"kursus": 200_000}),
        ("2020-06-01", {"kursus": 250_000}),
        ("2020-05-31T16:59:59.999999Z", {"kursus": 200_000}),
        ("2020-06-01T00:00:00+07:00", {"kursus": 250_000}),
        ("1609459200000000", {"kursus": 250_000, "lain": 100_000}),
    ],
)
def test_the_list_as_of_a_moment_has_what_was_in_force_then(loaded: Path, moment: str, prices: dict[str, int]) -> None:
    found = listed(loaded, "--kind", "courses", "--as-of", moment)
    assert {row["course_id"]: row["price"] for row in found} == prices


def test_the_list_is_a_table_unless_another_format_is_asked_for(loaded: Path) -> None:
    ran = run(loaded, "catalogue", "list", "--kind", "courses")
    assert "│ kursus    │ lembaga        │ Barista │" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["list", "--as-of", "soon"],
            "--as-of is 'soon': it must be a day such as 2020-12-15 (in Asia/Jakarta), or a time with its offset ",
        ),
        (["list", "--as-of", "2020-04-01T00:00"], "--as-of is '2020-04-01T00:00': it must be a day such as "),
        (["list", "--format", "Nope"], "--format Nope: Unknown format Nope. Maybe you meant: "),
        (["load", "none.toml"], "none.toml: No such file or directory"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_2(loaded: Path, arguments: list[str], said: str) -> None:
    ran = run(loaded, "catalogue", *arguments)
    assert ran.complaint.startswith(said)
    assert ran.code == 2


def test_of_a_file_with_a_bad_entry_nothing_is_published(loaded: Path) -> None:
    before = listed(loaded)
    ran = load(loaded, "bad.csv", PRICES.replace("kursus", "baru").replace("100000", "cheap"))
    assert (ran.complaint, ran.code) == ("bad.csv:4: CourseListed: price is not a whole number: 'cheap'", 2)
    assert listed(loaded) == before


def test_loading_again_changes_nothing_and_the_same_key_is_replaced(loaded: Path) -> None:
    before = listed(loaded, "--kind", "courses")
    assert load(loaded, "courses.csv", PRICES).code == 0
    assert listed(loaded, "--kind", "courses") == before
    assert load(loaded, "courses.csv", PRICES.replace("100000", "90000")).code == 0
    assert [row["price"] for row in listed(loaded, "--kind", "courses")] == [200_000, 250_000, 90_000]


def test_a_kafka_without_the_topic_is_reported() -> None:
    with tempfile.TemporaryDirectory(prefix="dompet-bare-") as folder, LocalBroker(Path(folder), 0, libs=JARS):
        for command in (["list"], ["load", "warung.toml"]):
            (Path(folder) / "warung.toml").write_text(WARUNG)
            ran = run(Path(folder), "catalogue", *command)
            said = "topic dompet.catalogue does not exist: `dompet topics` creates what is missing"
            assert (ran.complaint, ran.code) == (said, 2)


def sale(home: Path, order_id: str) -> Ran:
    """Publish a purchase on the platform `warung`, after the person's credit."""
    one = {"beneficiary_id": f"b-{order_id}", "occurred_at": "2020-04-11T08:00:00Z"}
    credit = {"type": "SaldoCredited", "event_id": f"c-{order_id}", "publisher_id": "programme", **one}
    order = {"platform_id": "warung", "order_id": order_id, "course_id": "kursus", "institution_id": "lembaga"}
    bought = {"type": "CoursePurchased", "event_id": f"p-{order_id}", "publisher_id": "warung", **one, **order}
    lines = [
        credit | {"credit_id": order_id, "decree": "SK-1", "wave": 1, "amount": 1_000_000},
        bought | {"price": 200_000, "commission": 0},
    ]
    (home / "sale.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return run(home, "publish", "sale.jsonl")


def judgements(home: Path, running: WorkerProcess, order_id: str, expected: list[str]) -> None:
    """Ask the worker until the sale is judged so."""
    query = f"SELECT judgements FROM sale_judgements WHERE order_id = '{order_id}'"
    deadline, ran = time.monotonic() + _LIMIT_S, None
    while time.monotonic() < deadline and running.process.poll() is None:
        ran = run(home, "query", query, "--format", "JSONEachRow")
        if ran.out and json.loads(ran.out)["judgements"] == expected:
            return
    raise AssertionError(f"it was not judged so: {ran}, {running.stderr}")


def test_a_new_platform_is_judged_as_active_without_a_restart_of_the_worker(loaded: Path) -> None:
    settings = read_settings(home=loaded)
    with worker(settings) as running:
        until(running, lambda health: health["status"] == "ok")
        assert sale(loaded, "first").code == 0
        judgements(loaded, running, "first", ["platform_not_active"])
        assert load(loaded, "warung.toml", WARUNG).code == 0
        assert sale(loaded, "second").code == 0
        judgements(loaded, running, "second", [])
        assert "warung" in {row["platform_id"] for row in listed(loaded, "--kind", "platforms")}
        assert running.end(signal.SIGTERM) == 0, running.stderr
    assert "Traceback" not in running.stderr


def test_a_worker_that_ends_at_the_logs_end_has_stored_the_catalogue(loaded: Path) -> None:
    warehouse = f"chdb://{loaded}/another"
    settings = ["--warehouse", warehouse, "--group", "another", "--web-port", str(free_port())]
    assert run(loaded, "worker", "--until-end", *settings).code == 0
    ran = run(loaded, "query", "SELECT count() FROM platforms", "--format", "CSV", "--warehouse", warehouse)
    assert int(ran.out) >= 8
