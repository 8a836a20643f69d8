"""The journal that questions are asked of is one that a worker could have left, and every question has an answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.schemas.murmur2 import partition_of
from dompet.streams.answers.asking import rows
from dompet.streams.warehouse import Warehouse
from tests.bench.answers import QUESTIONS, TIMES, asked
from tests.bench.journal import PARTITIONS, fill, person_id
from tests.bench.report import markdown, terminal
from tests.bench.test_bench import ANSWERS, SETTING, results, shown, with_runs
from tests.bench.verdicts import disagreements, milliseconds, targets
from tests.support.warehouses import opened

PEOPLE = 2_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder: Path = tmp_path_factory.mktemp("answers") / "warehouse"
    with opened(f"chdb://{folder}") as warehouse:
        assert fill(warehouse, 10 * PEOPLE) == PEOPLE
        yield warehouse


@pytest.mark.server
def test_the_journal_keeps_every_law(filled: Warehouse) -> None:
    assert rows(filled.answer, "SELECT * FROM differences") == []


@pytest.mark.server
def test_a_person_of_ten_events_is_in_the_partition_of_their_key(filled: Warehouse) -> None:
    sql = "SELECT beneficiary_id, any(partition) AS at, count() AS events FROM journal GROUP BY beneficiary_id"
    found = {row["beneficiary_id"]: row for row in rows(filled.answer, sql)}
    assert found.keys() == {person_id(number) for number in range(PEOPLE)}
    for person, row in found.items():
        assert (row["at"], row["events"]) == (partition_of(person.encode(), PARTITIONS), 10)


@pytest.mark.server
def test_every_question_is_asked_five_times_and_answered(filled: Warehouse) -> None:
    taken = asked(filled, PEOPLE)
    assert list(taken) == list(QUESTIONS)
    assert all(len(seconds) == TIMES and min(seconds) > 0 for seconds in taken.values())


def test_an_answers_time_is_the_median_and_is_compared_with_its_limit() -> None:
    assert milliseconds(results(), "wallet") == pytest.approx((90, 80, 200))
    slow = results(answers={**results().answers, "seconds": {**ANSWERS, "funnel": [0.9, 1.1, 1.2]}})
    assert [target.what for target in targets(slow) if not target.met] == ["funnel by one dimension"]
    assert "| funnel by one dimension | 1,000 ms | 1,100 ms | 900 – 1,200 | ✗ |" in markdown(slow, SETTING)
    assert len(terminal(slow)) == 3 and "1,100 ms" in shown(slow)


def test_all_types_are_to_reach_six_tenths_of_the_five_and_each_run_finds_the_same() -> None:
    runs = list(results().runs["sixteen"])
    one = runs[0]
    slow = with_runs("sixteen", [type(one)(one.events, one.events / 71_000, 2.0, 1, one.found, one.wallets_digest)])
    assert [target.what for target in targets(slow) if not target.met] == ["all sixteen types ÷ the five, into chDB"]
    other = type(one)(one.events, one.seconds, 2.0, 1, one.found, "else")
    assert disagreements(with_runs("sixteen", [one, other])) == [
        "sixteen, run 2: the sums agree, but not every wallet does"
    ]
