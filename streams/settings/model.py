"""Settings: a flag decides before the environment, the environment before a TOML file, the file before the default.

    DOMPET_KAFKA=broker:9092                       [kafka]
    DOMPET_KAFKA__SECURITY_PROTOCOL=SASL_SSL       bootstrap.servers = "broker:9092"
    DOMPET_KAFKA__SASL_USERNAME=dompet             security.protocol = "SASL_SSL"

Any setting of librdkafka can be given, the dots of its name written as underscores in a variable; where there is none,
`kafka = "broker:9092"` does. The file is `dompet.toml` in the current folder, or the one that --config or
DOMPET_CONFIG names; paths in it start at its own folder.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, field_validator

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import Topics, declared_topics
from dompet.streams.parsing.zones import zone_of
from dompet.streams.process.secrets import remember_secrets
from dompet.streams.settings.checks import (
    folder_of_a_url,
    kafka_servers,
    secrets_of,
    server_url,
    warehouse_url,
    without_secrets,
)
from dompet.streams.settings.declaration import Declaration
from dompet.streams.settings.own_kafka import own_client
from dompet.streams.settings.sources import expanded

if TYPE_CHECKING:
    from dompet.schemas.rules import Rulebook

MAY_HOLD_SECRETS: Final = frozenset({"kafka", "warehouse", "in_front_of"})


class Settings(Declaration):
    """All settings in force. Printing them shows no secret."""

    @field_validator("home", "rules", "chain_key")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return expanded(path).absolute() if path else None

    @field_validator("home")
    @classmethod
    def _named_by_a_url(cls, path: Path) -> Path:
        return folder_of_a_url(path)

    @field_validator("rules")
    @classmethod
    def _whole(cls, path: Path | None) -> Path | None:
        if path is None:  # the programme's own, which hold
            return None
        from dompet.schemas.rules import read_rules

        return path if _refused(read_rules, path) else None

    @field_validator("kafka")
    @classmethod
    def _servers(cls, value: str | None) -> str | None:
        return kafka_servers(value) if value else None

    @field_validator("warehouse")
    @classmethod
    def _url(cls, value: str, info: Any) -> str:
        return warehouse_url(value, info.data.get("home", Path()))

    @field_validator("in_front_of")
    @classmethod
    def _server(cls, value: str) -> str:
        return server_url(value)

    @field_validator("log_topic")
    @classmethod
    def _name(cls, value: str) -> str:
        return value if _refused(declared_topics, value) else ""

    def model_post_init(self, context: Any, /) -> None:
        """No sentence and no log line of this process shows the secrets from now on."""
        remember_secrets(secrets_of(self.kafka_config, self.warehouse, self.in_front_of))

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        zone_of(value)
        return value

    @property
    def topics(self) -> Topics:
        """The log, the catalogue and the dead letters."""
        return declared_topics(self.log_topic)

    def rulebook(self) -> "Rulebook":
        """The rules, read again; ContractError where their file does not hold."""
        from dompet.schemas.rules import read_rules

        return read_rules(self.rules)

    def kafka_settings(self) -> dict[str, str]:
        """What every client of librdkafka is made with: how to reach the broker, and who asks."""
        return {**self.client_config(), **({"bootstrap.servers": self.kafka} if self.kafka else {})}

    def client_config(self) -> dict[str, str]:
        """The same without the servers: the settings' own, and what the home's own Kafka asks of its clients."""
        return {**own_client(self.home, self.kafka), **self.kafka_config}

    @property
    def warehouse_shown(self) -> str:
        """The warehouse as it may be shown."""
        return without_secrets(self.warehouse)

    @property
    def warehouse_folder(self) -> Path | None:
        """The embedded warehouse's folder; None where it is a server."""
        parts = urlsplit(self.warehouse)
        return Path(parts.path) if parts.scheme == "chdb" else None

    def changed(self, **values: Any) -> Self:
        """The same settings with other values, which are taken as they are."""
        return self.model_copy(update=values)

    def __repr_args__(self) -> Any:
        for name, value in super().__repr_args__():
            if name == "kafka_config":
                yield name, dict.fromkeys(value, "***")
            else:
                yield name, without_secrets(value) if name in MAY_HOLD_SECRETS and value else value

    __str__ = BaseModel.__repr__


def _refused(check: Any, value: Any) -> bool:
    """True; ValueError with the sentence of a check that refuses the value."""
    try:
        check(value)
    except DompetError as error:
        raise ValueError(str(error)) from error
    return True
