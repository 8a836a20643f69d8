"""Settings: a flag decides before the environment, the environment before a TOML file, the file before the default.

    DOMPET_KAFKA=broker:9092                       [kafka]
    DOMPET_KAFKA__SECURITY_PROTOCOL=SASL_SSL       bootstrap.servers = "broker:9092"
    DOMPET_KAFKA__SASL_USERNAME=dompet             security.protocol = "SASL_SSL"

Any setting of librdkafka can be given, the dots of its name written as underscores in a variable; where there is none,
`kafka = "broker:9092"` does. The file is `dompet.toml` in the current folder, or the one that --config or
DOMPET_CONFIG names; paths in it start at its own folder.
"""

import copy
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import Topics, declared_topics
from dompet.streams.parsing.zones import zone_of
from dompet.streams.process.secrets import HIDDEN, remember_secrets
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
from dompet.streams.settings.values import WrongValue, read_as

if TYPE_CHECKING:
    from dompet.schemas.rules import Rulebook

MAY_HOLD_SECRETS: Final = frozenset({"kafka", "warehouse", "in_front_of"})


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings(Declaration):
    """All settings in force; WrongValue for the first that is none. Printing them shows no secret."""

    def __post_init__(self) -> None:
        """Read and check all values; no sentence and no log line of this process shows the secrets from now on."""
        for one in fields(self):
            given = getattr(self, one.name)
            object.__setattr__(self, one.name, _read(one, given))
            try:
                object.__setattr__(self, one.name, self._checked(one.name))
            except ValueError as why:
                raise WrongValue(one.name, given, why) from None
        remember_secrets(secrets_of(self.kafka_config, self.warehouse, self.in_front_of))

    def _checked(self, name: str) -> Any:
        """The value of a setting as it is used. ValueError where it is none."""
        value = getattr(self, name)
        match name:
            case "home":
                return folder_of_a_url(expanded(value).absolute())
            case "rules" | "chain_key" if value:
                return _rules(expanded(value).absolute()) if name == "rules" else expanded(value).absolute()
            case "kafka":
                return kafka_servers(value) if value else None
            case "warehouse":
                return warehouse_url(value, self.home)
            case "in_front_of":
                return server_url(value)
            case "log_topic":
                _refused(declared_topics, value)
            case "time_zone":
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
        other = copy.copy(self)
        for name, value in values.items():
            object.__setattr__(other, name, value)
        return other

    def __repr__(self) -> str:
        return f"Settings({', '.join(self._shown())})"

    def _shown(self) -> Iterator[str]:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "kafka_config":
                value = dict.fromkeys(value, HIDDEN)
            elif one.name in MAY_HOLD_SECRETS and value:
                value = without_secrets(value)
            yield f"{one.name}={value!r}"


def _read(one: Any, given: object) -> Any:
    """The value of a field as its type, within its bounds; WrongValue where it is none."""
    with suppress(ValueError, OverflowError):
        value = read_as(one.type, given)
        if "bounds" not in one.metadata or one.metadata["bounds"].hold(value):
            return value
    raise WrongValue(one.name, given)


def _rules(path: Path) -> Path:
    """A file of rules that holds; ValueError where it does not."""
    from dompet.schemas.rules import read_rules

    _refused(read_rules, path)
    return path


def _refused(check: Any, value: Any) -> None:
    """ValueError with the sentence of a check that refuses the value."""
    try:
        check(value)
    except DompetError as error:
        raise ValueError(str(error)) from error
