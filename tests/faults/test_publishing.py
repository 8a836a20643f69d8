"""The publisher of a run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dompet.infra.ports import HOST, free_port
from tests.faults.entrance import BY_GATEWAY

pytestmark = pytest.mark.server


def test_where_its_broker_is_away_it_ends_and_can_be_started_again(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(json.dumps(dict.fromkeys(BY_GATEWAY, "token")))
    nobody = f"{HOST}:{free_port()}"
    files = [f"--{name}={tmp_path / name}" for name in ("events", "acknowledged", "leash", "tokens")]
    given = [f"--bootstrap-servers={nobody}", "--topic=dompet.events", "--count=1", f"--gateway=http://{nobody}"]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.publishing", *given, *files],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert "no Kafka broker answers" in ran.stderr
