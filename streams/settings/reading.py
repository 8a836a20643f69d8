"""The settings in force, or one sentence that says which is wrong, where it was given, and what it must be."""

from dataclasses import fields
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.settings.checks import without_secrets
from dompet.streams.settings.declaring import flag_of, variable_of
from dompet.streams.settings.model import MAY_HOLD_SECRETS, Settings
from dompet.streams.settings.sources import environment, file_of, found_settings, place_in
from dompet.streams.settings.values import WrongValue

_MUST: Final = {one.name: str(one.metadata["must"]) for one in fields(Settings)}
"""What the value of each setting must be."""


class SettingError(DompetError):
    """A setting is wrong; the sentence names it and where it was given."""


def read_settings(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given. SettingError where one is wrong."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**found_settings(given, _MUST))
    except WrongValue as wrong:
        raise SettingError(_sentence(wrong, given)) from None


def _sentence(wrong: WrongValue, flags: dict[str, Any]) -> str:
    """What is wrong: the setting, where it was given, and what it must be."""
    where = _origin(wrong.name, flags)
    if wrong.why is not None and wrong.why.__cause__:
        return f"{where}: {wrong.why}"
    shown = without_secrets(str(wrong.value)) if wrong.name in MAY_HOLD_SECRETS else str(wrong.value)
    return f"{where} is {shown!r}: {wrong.why or f'it must be {_MUST[wrong.name]}'}"


def _origin(name: str, flags: dict[str, Any]) -> str:
    if name in flags:
        return flag_of(name)
    if name in environment(_MUST):
        return variable_of(name)
    file = file_of(flags)
    return f"{place_in(file, name)}: {name}" if file else variable_of(name)
