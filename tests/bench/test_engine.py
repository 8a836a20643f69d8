"""The part `engine` measures the engine beside chDB itself."""

import pytest

from tests.bench.quickly import said_by

pytestmark = pytest.mark.server


def test_the_engine_is_measured_beside_chdb_itself_and_judged() -> None:
    said = said_by("engine")
    for words in ("engine, Native", "chDB, Arrow", "SELECT 1: answered in", "of chDB itself; at least 0.7 is wanted"):
        assert words in said
