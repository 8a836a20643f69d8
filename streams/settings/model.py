"""Settings: a flag decides before the environment, the environment before a TOML file, the file before the default.

    DOMPET_KAFKA=broker:9092                       [kafka]
    DOMPET_KAFKA__SECURITY_PROTOCOL=SASL_SSL       bootstrap.servers = "broker:9092"
    DOMPET_KAFKA__SASL_USERNAME=dompet             security.protocol = "SASL_SSL"

Any setting of librdkafka can be given, the dots of its name written as underscores in a variable; where there is none,
`kafka = "broker:9092"` does. The file is `dompet.toml` in the current folder, or the one that --config or
DOMPET_CONFIG names; paths in it start at its own folder.
"""

from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dompet.schemas.errors import DompetError
from dompet.schemas.rules import Rulebook, read_rules
from dompet.schemas.topics import Topics, declared_topics
from dompet.streams.settings.checks import folder_of_a_url, kafka_servers, warehouse_url, without_secrets
from dompet.streams.settings.sources import PREFIX, Environment, SettingsFile, expanded, file_of, place_in

_MAY_HOLD_SECRETS: Final = frozenset({"kafka", "warehouse"})


class SettingError(DompetError):
    """A setting is wrong; the sentence names it and where it was given."""


class Settings(BaseSettings):
    """All settings. A field's description says what its value must be. Printing them shows no secret."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    config: Path | None = Field(None, description="a TOML file")
    home: Path = Field(Path(".dompet"), validate_default=True, description="a folder for local data")
    kafka: str | None = Field(None, description="host:port, or several with commas between them")
    kafka_config: dict[str, str] = Field({}, description="settings of librdkafka")
    warehouse: str = Field("", validate_default=True, description="a warehouse's URL")
    log_topic: str = Field("dompet.events", description="a topic's name")
    rules: Path | None = Field(None, description="a file of rules")
    chain_key: Path | None = Field(None, description="a PEM file with a private key of Ed25519")
    group: str = Field(
        "dompet", pattern=r"^[A-Za-z0-9._-]{1,200}$", description="1 to 200 letters, digits, '.', '_' and '-'"
    )
    web_port: int = Field(6066, ge=1, le=65_535, description="a port from 1 to 65535")
    stall_seconds: float = Field(60, ge=1, le=86_400, description="a number of seconds from 1 to 86400")
    outage_seconds: float = Field(900, ge=0, le=604_800, description="a number of seconds up to 604800, or 0 for ever")
    batch: int = Field(100_000, ge=1, le=1_000_000, description="a number of records from 1 to 1000000")

    dead_share: float = Field(0.2, gt=0, le=1, description="a share above 0, up to 1 for no limit")
    dead_window: int = Field(10_000, ge=1, le=10_000_000, description="a number of records from 1 to 10000000")
    accept_dead_until: str = Field(
        "",
        pattern=r"^([0-9]{1,9}:[0-9]{1,18}(,[0-9]{1,9}:[0-9]{1,18})*)?$",
        description="PARTITION:OFFSET, or several with commas between them",
    )

    sweep_seconds: float = Field(0, ge=0, le=86_400, description="a number of seconds up to 86400, or 0 for never")
    sweep_grace_seconds: float = Field(3_600, ge=0, le=31_536_000, description="a number of seconds up to 31536000")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the first that has one deciding."""
        return init_settings, Environment(settings_cls), SettingsFile(settings_cls)

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
        return path if _refused(read_rules, path) else None

    @field_validator("kafka")
    @classmethod
    def _servers(cls, value: str | None) -> str | None:
        return kafka_servers(value) if value else None

    @field_validator("warehouse")
    @classmethod
    def _url(cls, value: str, info: Any) -> str:
        return warehouse_url(value, info.data.get("home", Path()))

    @field_validator("log_topic")
    @classmethod
    def _name(cls, value: str) -> str:
        return value if _refused(declared_topics, value) else ""

    @property
    def topics(self) -> Topics:
        """The log, the catalogue and the dead letters."""
        return declared_topics(self.log_topic, self.group)

    def rulebook(self) -> Rulebook:
        """The rules, read anew; ContractError where their file does not hold."""
        return read_rules(self.rules)

    def kafka_settings(self) -> dict[str, str]:
        """What every client of librdkafka is made with: how to reach the broker, and who asks."""
        return {**self.kafka_config, **({"bootstrap.servers": self.kafka} if self.kafka else {})}

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
                yield name, without_secrets(value) if name in _MAY_HOLD_SECRETS and value else value

    __str__ = BaseSettings.__repr__


def _refused(check: Any, value: Any) -> bool:
    """True; ValueError with the sentence of a check that refuses the value."""
    try:
        check(value)
    except DompetError as error:
        raise ValueError(str(error)) from error
    return True


def read_settings(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given. SettingError where one is wrong."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingError(_sentence(error.errors(include_url=False)[0], given)) from None


def _sentence(error: Any, flags: dict[str, Any]) -> str:
    """The first thing that is wrong: the setting, where it was given, and what it must be."""
    name = str(error["loc"][0])
    where = _origin(name, flags)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError) and cause.__cause__:
        return f"{where}: {cause}"
    shown = without_secrets(str(error["input"])) if name in _MAY_HOLD_SECRETS else str(error["input"])
    return f"{where} is {shown!r}: {cause or f'it must be {Settings.model_fields[name].description}'}"


def _origin(name: str, flags: dict[str, Any]) -> str:
    if name in flags:
        return f"--{name.replace('_', '-')}"
    if name in Environment(Settings)():
        return f"{PREFIX}{name.upper()}"
    file = file_of(flags)
    return f"{place_in(file, name)}: {name}" if file else f"{PREFIX}{name.upper()}"
