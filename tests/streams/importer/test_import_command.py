"""`dompet import`: what is published, shown and said, and going on after a run that was cut."""

import json
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from dompet.schemas.wire import decode
from dompet.streams.importer.publishing import CHUNK_EVENTS
from dompet.streams.importer.spool import Spool
from tests.support.command import DOMPET, Ran, dompet, environment
from tests.support.importing import HEADER, MAPPING, SALES, write
from tests.support.kafka import LogTopicMaker
from tests.support.log_reader import read_log

pytestmark = pytest.mark.server

HASHED = 'salt = "SHOP_SALT"\n' + MAPPING.replace('{ column = "person" }', '{ hash = "person" }')


def run(folder: Path, *arguments: str, **variables: str) -> Ran:
    """Import the folder's sales by its mapping."""
    return dompet("import", "mapping.toml", "sales.csv", *arguments, cwd=folder, variables=variables)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a mapping and sales."""
    write(tmp_path, sales=SALES)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    return tmp_path


@pytest.fixture
def topic(shop: Path, kafka: str, log_topic: LogTopicMaker) -> str:
    """A log of its own, which the folder's settings name."""
    topic = log_topic(1)
    (shop / "dompet.toml").write_text(f'kafka = "{kafka}"\nlog_topic = "{topic}"\n')
    return topic


def orders(kafka: str, topic: str) -> list[object]:
    return [decode(record.value)[1]["order_id"] for record in read_log(kafka, topic)]


def test_a_dry_run_shows_the_first_events_and_every_bad_row_and_needs_no_kafka(shop: Path) -> None:
    rows = "".join(f"o-{number},b-1,c-1,2020-05-03,{'x' if number % 10 == 0 else 5}\n" for number in range(10, 40))
    write(shop, sales=SALES + rows)
    ran = run(shop, "--dry-run", "--kafka", "127.0.0.1:1")
    assert ran.code == 2
    shown = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["order_id"] for one in shown] == ["o-2", "o-1", *(f"o-{number}" for number in range(11, 19))]
    lines = ran.err.splitlines()
    why = "CoursePurchased: price is 'x', not a whole number"
    assert lines[:3] == [f"sales.csv:{line}: {why}" for line in (4, 14, 24)]
    assert lines[3].startswith("✓ mapped 32 rows to 29 events in ")
    assert lines[4:] == [
        "            29 CoursePurchased",
        "• nothing was published; the first 10 of 29 events are shown",
        "• left out 3 bad rows",
    ]
    assert not (shop / ".dompet").exists()


def test_what_a_dry_run_shows_can_be_published_as_it_is(shop: Path, topic: str, kafka: str) -> None:
    shown = run(shop, "--dry-run").out
    assert dompet("publish", "-", cwd=shop, stdin=shown.encode()).code == 0
    assert run(shop).code == 0
    first, second, *again = [record.value for record in read_log(kafka, topic)]
    assert again == [first, second]


def test_events_are_published_in_their_order_and_nothing_is_left_behind(shop: Path, topic: str, kafka: str) -> None:
    ran = run(shop)
    assert ran.code == 0
    assert f"✓ published 2 events to {topic} in " in ran.err
    assert orders(kafka, topic) == ["o-2", "o-1"]
    assert list((shop / ".dompet" / "imports").iterdir()) == []


def test_a_bad_row_stops_the_import_before_anything_is_published(shop: Path, topic: str, kafka: str) -> None:
    write(shop, sales=SALES + "bad\nbad\n")
    ran = run(shop)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "sales.csv:4: the row has 1 values; the header has 5",
        "• stopped at the first bad row; nothing was published",
    ]
    assert orders(kafka, topic) == []
    assert list((shop / ".dompet" / "imports").iterdir()) == []


def test_bad_rows_are_left_out_when_asked_to_skip_them(shop: Path, topic: str, kafka: str) -> None:
    write(shop, sales=SALES + "bad\nbad\n")
    ran = run(shop, "--on-error", "skip")
    assert ran.code == 2
    assert ran.err.splitlines()[-1] == "• left out 2 bad rows"
    assert orders(kafka, topic) == ["o-2", "o-1"]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {},
            "mapping.toml:1: the environment variable SHOP_SALT is not set: it must be a secret text of 16 characters ",
        ),
        (
            {"SHOP_SALT": "short"},
            "mapping.toml:1: the environment variable SHOP_SALT has 5 characters: it must be a secr",
        ),
    ],
)
def test_a_salt_that_hides_nothing_is_refused(shop: Path, variables: dict[str, str], sentence: str) -> None:
    (shop / "mapping.toml").write_text(HASHED)
    ran = run(shop, "--dry-run", **variables)
    assert ran.complaint.startswith(sentence)
    assert ran.code == 2


def test_a_national_id_never_enters_an_event(shop: Path) -> None:
    write(shop, sales=HEADER + "o-1,3201234567890123,c-1,2020-05-01,1\n")
    ran = run(shop, "--dry-run")
    assert (ran.code, ran.out) == (2, "")
    assert "sales.csv:2: CoursePurchased: beneficiary_id has 16 digits, the form of a national id number" in ran.err
    assert "3201234567890123" not in ran.err
    (shop / "mapping.toml").write_text(HASHED)
    ran = run(shop, "--dry-run", SHOP_SALT="a secret that is long enough")
    assert (ran.code, "3201234567890123" in ran.out + ran.err) == (0, False)


def test_a_log_that_is_not_there_is_one_sentence(shop: Path, kafka: str) -> None:
    ran = run(shop, "--kafka", kafka, "--log-topic", "no-such-log")
    assert ran.complaint.startswith(f"the Kafka at {kafka}: topic no-such-log: ")
    assert ran.code == 2


def test_an_import_that_was_killed_goes_on_where_it_was(shop: Path, topic: str, kafka: str) -> None:
    total = 8 * CHUNK_EVENTS
    write(shop, sales=HEADER + "".join(f"o-{number:06},b-1,c-1,2020-05-03,5\n" for number in range(total)))
    command = [*DOMPET, "import", "mapping.toml", "sales.csv"]
    with subprocess.Popen(command, cwd=shop, env=environment(), stderr=subprocess.DEVNULL) as process:
        while not acknowledged(shop) and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    before = acknowledged(shop)
    assert 0 < before < total
    ran = run(shop)
    assert ran.code == 0, ran.err
    assert ran.err.splitlines()[0] == f"• going on after {before:,} events that an earlier run published"
    published = orders(kafka, topic)
    assert len(published) <= total + CHUNK_EVENTS
    assert sorted(set(map(str, published))) == [f"o-{number:06}" for number in range(total)]
    assert published[before - total :] == [f"o-{number:06}" for number in range(before, total)]


def acknowledged(folder: Path) -> int:
    """What an import remembers of the log; 0 where it remembers nothing yet."""
    for path in (folder / ".dompet" / "imports").glob("*/events"):
        with closing(Spool(path)) as spool:
            return spool.acknowledged
    return 0
