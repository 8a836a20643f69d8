"""The part `router` measures a router beside a plain copy."""

import pytest

from tests.bench.quickly import said_by

pytestmark = pytest.mark.server


def test_a_router_is_measured_beside_a_plain_copy_and_judged() -> None:
    said = said_by("router")
    for words in ("plain reading and producing", "the router's processor time:", "at least 150,000 are wanted"):
        assert words in said
