"""How clients reach the home's own Kafka where it is closed: as the broker of that home wrote it down."""

from pathlib import Path
from typing import Final

from dompet.streams.process.secrets import remember_secrets

FILE: Final = "kafka-client.properties"
_TAKEN: Final = ("security.protocol", "sasl.mechanism", "sasl.username", "sasl.password")
_SERVERS: Final = "bootstrap.servers"


def own_client(home: Path, servers: str | None) -> dict[str, str]:
    """librdkafka's settings for these servers; none where they are not the home's own Kafka, or it is open to all."""
    path = home / FILE
    if not servers or not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines())
    found = {name: value for name, _, value in lines}
    if found.get(_SERVERS) != servers:
        return {}
    remember_secrets([found.get("sasl.password", "")])
    return {name: found[name] for name in _TAKEN if name in found}
