"""A worker that loses its broker while it begins rides that out, or says so; and what else would be wrong."""

from pathlib import Path

import pytest

from tests.faults.starts import Start, cut_off

PIECES = (9, 15, 21, 27)
"""At which a worker asks for topics, reads the catalogue, joins its group, and recovers."""


@pytest.mark.server
@pytest.mark.timeout(280)
def test_a_worker_cut_off_from_its_broker_while_it_begins_rides_it_out_or_says_so(tmp_path: Path) -> None:
    starts = list(cut_off(tmp_path, PIECES, away_s=1.0, at_once=2))
    assert [start.pieces for start in starts] == list(PIECES)
    assert [start for start in starts if start.wrong or not start.cut] == []
    assert any(start.code == 0 for start in starts)


@pytest.mark.parametrize(
    ("code", "said", "wrong"),
    [
        (0, "", ""),
        (0, "2020 INFO assigned\n", ""),
        (2, "2020 INFO assigned\ndompet: the Kafka broker is away\n", ""),
        (2, "dompet: the Kafka broker is away\nand more\n", "exit code 2: and more"),
        (2, "", "exit code 2: "),
        (2, "Traceback (most recent call last):\ndompet: away\n", "exit code 2: dompet: away"),
        (
            1,
            "dompet: a fault of dompet's own: KeyError: 'x'\n",
            "exit code 1: dompet: a fault of dompet's own: KeyError: 'x'",
        ),
        (-6, "Assertion failed.\n", "exit code -6: Assertion failed."),
        (None, "waiting\n", "did not end in 120 s; its last line: waiting"),
    ],
)
def test_a_start_is_wrong_that_neither_works_nor_ends_with_2_and_one_sentence(
    code: int | None, said: str, wrong: str
) -> None:
    assert Start(1, True, code, 0.0, said).wrong == wrong
