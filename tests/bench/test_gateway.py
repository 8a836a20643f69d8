"""The part `gateway` measures a gateway beside a plain producer."""

import pytest

from tests.bench.quickly import said_by

pytestmark = pytest.mark.server


def test_a_gateway_is_measured_beside_a_plain_producer_and_judged() -> None:
    said = said_by("gateway")
    for words in ("a plain producer:", "at least 30,000 are wanted", "at least 1,500 are wanted", "p99"):
        assert words in said
