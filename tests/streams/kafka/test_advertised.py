"""A broker that names itself by an address that means nothing here: one sentence, at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.infra.broker import LocalBroker
from tests.support.command import dompet
from tests.support.kafka import JARS

pytestmark = pytest.mark.server


class Elsewhere(LocalBroker):
    """A Kafka that answers here, and says that it is somewhere else."""

    advertised = "kafka.invalid:9092"

    def _write_properties(self, data: str, port: int, controller_port: int) -> None:
        super()._write_properties(data, port, controller_port)
        with (self.home / "kafka.properties").open("a") as properties:
            properties.write(f"advertised.listeners=PLAINTEXT://{self.advertised}\n")


class Closed(Elsewhere):
    """The same, where nobody listens."""

    advertised = "127.0.0.1:1"


@pytest.fixture(scope="module", params=[Elsewhere, Closed])
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    broker: LocalBroker = request.param(tmp_path_factory.mktemp("elsewhere"), 0, libs=JARS)
    with broker:
        yield broker


@pytest.mark.parametrize(
    "command",
    [("worker",), ("topics",), ("publish", "events.jsonl"), ("catalogue", "list")],
)
def test_every_command_names_the_address_and_the_setting(
    elsewhere: Elsewhere, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "events.jsonl").write_text("")
    ran = dompet(*command, "--kafka", elsewhere.bootstrap, cwd=tmp_path)
    assert ran.code == 2, ran
    [sentence] = [line for line in ran.err.splitlines() if "broker is at" in line]
    assert f"the Kafka at {elsewhere.bootstrap} says that its broker is at {elsewhere.advertised}, which " in sentence
    assert "advertised.listeners" in sentence
