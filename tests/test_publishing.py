"""The programs of docs/publishing.md, run as they are copied, each before a real gateway and broker."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.wire import decode
from dompet.streams.publishers.entries import new_publisher
from dompet.streams.publishers.topic import write_publisher
from dompet.streams.settings import read_settings
from tests.support.client_programs import tool
from tests.support.gateway import Gateway, running_gateway
from tests.support.kafka import made_log

PAGE: Final = (Path(__file__).parents[1] / "docs" / "publishing.md").read_text("utf-8")
PROGRAMS: Final = {
    "bash": ("curl", "publish.sh", ["bash"]),
    "python": ("python", "publish.py", [sys.executable]),
    "python light": ("light", "publish.py", [sys.executable]),
    "js": ("node", "publish.js", ["node"]),
    "go": ("go", "publish.go", ["go", "run"]),
    "java": ("java", "Publish.java", ["java"]),
}
_LIMIT_S: Final = 280


@pytest.fixture(scope="module")
def entrance(
    kafka: str, kafka_admin: AdminClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, str]]:
    home = tmp_path_factory.mktemp("publishing")
    entry, token = new_publisher("tokopedia", "platform").with_token("tester")
    write_publisher(read_settings(kafka=kafka, home=home), entry)
    with running_gateway(kafka, made_log(kafka_admin), home) as gateway:
        yield gateway, token


def ran(entrance: tuple[Gateway, str], language: str, folder: Path, token: str) -> subprocess.CompletedProcess[str]:
    _, file, command = PROGRAMS[language]
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found, language
    (folder / file).write_text(found[1])
    if language in ("js", "go", "java"):
        tool(command[0])
    variables = {**os.environ, "GATEWAY": entrance[0].url, "TOKEN": token, "GO111MODULE": "off", "GOTOOLCHAIN": "local"}
    return subprocess.run(
        [*command, file], cwd=folder, env=variables, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_program_of_the_page_puts_its_event_on_the_log_and_fails_without_its_token(
    entrance: tuple[Gateway, str], tmp_path: Path, language: str
) -> None:
    good = ran(entrance, language, tmp_path, entrance[1])
    assert good.returncode == 0, good.stdout + good.stderr
    stored = {decode(one[1])[1]["event_id"] for one in entrance[0].records()}
    assert f"{PROGRAMS[language][0]}-1" in stored
    bad = ran(entrance, language, tmp_path, "dompet_wrong")
    assert bad.returncode != 0
    assert "nobody has this token" in bad.stdout + bad.stderr
