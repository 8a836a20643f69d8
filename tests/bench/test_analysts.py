"""The part `analysts` measures analysts beside a worker."""

import pytest

from tests.bench.quickly import said_by

pytestmark = pytest.mark.server


def test_analysts_are_measured_beside_a_worker_and_judged() -> None:
    said = said_by("analysts")
    assert "questions refused" in said
