"""The simulation finds nothing in the product, and every bug that is planted in it; the same seed does the same."""

import logging
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulation.bugs import BUGS, Sound
from tests.simulation.world import run_counted, run_seed

SEEDS = 500
FAULTS = {
    "crash",
    "insert done again",
    "late insert",
    "power cut",
    "power cut of the warehouse alone",
    "rebalance",
    "timed out, did not happen",
    "timed out, happened",
    "timed out, happened late",
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """That rows were lost, and are filled again, is what is simulated here."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.timeout(1_200)  # a minute's work, however busy the machine
def test_no_schedule_of_faults_breaks_a_promise_and_every_fault_is_among_them() -> None:
    faults = Counter[str]()
    for seed in range(SEEDS):
        found, counted, _ = run_counted(seed)
        assert found == ""
        faults.update(counted)
    assert faults.keys() == FAULTS
    assert min(faults.values()) > SEEDS // 10


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    assert any(run_seed(seed, BUGS[name]()) for seed in range(SEEDS)), name


def test_the_same_seed_finds_the_same() -> None:
    bug = BUGS["References not recovered"]
    seed = next(seed for seed in range(SEEDS) if run_seed(seed, bug()))
    assert len({run_seed(seed, bug()) for _ in range(3)}) == 1
    assert run_counted(seed, Sound()) == run_counted(seed, Sound())
