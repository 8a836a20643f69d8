"""The settings in force, or one sentence that says which is wrong, where it was given, and what it must be."""

from typing import Any

from pydantic import ValidationError

from dompet.schemas.errors import DompetError
from dompet.streams.settings.checks import without_secrets
from dompet.streams.settings.declaring import flag_of, variable_of
from dompet.streams.settings.model import MAY_HOLD_SECRETS, Settings
from dompet.streams.settings.sources import environment, file_of, found_settings, place_in


class SettingError(DompetError):
    """A setting is wrong; the sentence names it and where it was given."""


def read_settings(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given. SettingError where one is wrong."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**found_settings(given, Settings.model_fields))
    except ValidationError as error:
        raise SettingError(_sentence(error.errors(include_url=False)[0], given)) from None


def _sentence(error: Any, flags: dict[str, Any]) -> str:
    """The first thing that is wrong: the setting, where it was given, and what it must be."""
    name = str(error["loc"][0])
    where = _origin(name, flags)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError) and cause.__cause__:
        return f"{where}: {cause}"
    shown = without_secrets(str(error["input"])) if name in MAY_HOLD_SECRETS else str(error["input"])
    return f"{where} is {shown!r}: {cause or f'it must be {Settings.model_fields[name].description}'}"


def _origin(name: str, flags: dict[str, Any]) -> str:
    if name in flags:
        return flag_of(name)
    if name in environment(Settings.model_fields):
        return variable_of(name)
    file = file_of(flags)
    return f"{place_in(file, name)}: {name}" if file else variable_of(name)
