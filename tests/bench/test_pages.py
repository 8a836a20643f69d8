"""The part `pages` measures readers beside a worker."""

import pytest

from tests.bench.quickly import said_by


@pytest.mark.server
def test_readers_are_measured_beside_a_worker_and_judged() -> None:
    said = said_by("pages", 280)
    for words in ("0 of", "person: p95", "first byte after", "the pages' process held", "20 who watch take"):
        assert words in said
