"""Where settings come from beside flags: the environment and a TOML file."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.schemas.toml_bounds import read_bounded
from dompet.streams.parsing.nearest import nearest
from dompet.streams.parsing.toml_lines import Lines, line_of, lines_of, parsed, text_in
from dompet.streams.settings.declaring import KAFKA_PREFIX, OTHER_VARIABLES, PREFIX, variable_of

_NOT_BY_NAME: Final = "kafka_config"
_SERVERS: Final = "bootstrap.servers"
_DEFAULT_FILE: Final = Path("dompet.toml")
_PATHS: Final = ("home", "rules")


class SettingsSourceError(DompetError):
    """What a source of settings holds cannot be read."""


def found_settings(flags: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The settings of these names that are given: a flag decides before a variable, a variable before the file; of
    librdkafka's each by itself. SettingsSourceError where one cannot be given so.
    """
    variables = environment(names)
    file = file_of({**variables, **flags})
    written = file_settings(file, names) if file else {}
    kafka = {
        name: value for source in (written, variables, flags) for name, value in source.get(_NOT_BY_NAME, {}).items()
    }
    return {**written, **variables, **flags, _NOT_BY_NAME: kafka}


def environment(names: Collection[str]) -> dict[str, Any]:
    """The settings of these names that variables give, DOMPET_ and the name in capitals; those that begin with
    DOMPET_KAFKA__ are librdkafka's. SettingsSourceError where one cannot be given so.
    """
    given = {name.upper(): value for name, value in os.environ.items() if value}
    ours = {name: value for name, value in given.items() if name.startswith(PREFIX)}
    if variable_of(_NOT_BY_NAME) in ours:
        raise SettingsSourceError(
            f"{variable_of(_NOT_BY_NAME)} is no setting: give librdkafka's one by one, as {KAFKA_PREFIX}SASL_USERNAME"
        )
    kafka = {
        name.removeprefix(KAFKA_PREFIX).lower().replace("_", "."): value
        for name, value in ours.items()
        if name.startswith(KAFKA_PREFIX)
    }
    fields = {variable_of(name): name for name in names if name != _NOT_BY_NAME}
    known = {*fields, *OTHER_VARIABLES}
    if unknown := sorted(name for name in ours if name not in known and not name.startswith(KAFKA_PREFIX)):
        raise SettingsSourceError(_no_variable(unknown[0], known))
    if _SERVERS in kafka:
        raise SettingsSourceError(f"{KAFKA_PREFIX}BOOTSTRAP_SERVERS is no setting: set {PREFIX}KAFKA")
    settings = {fields[name]: value for name, value in ours.items() if name in fields}
    return {**settings, _NOT_BY_NAME: kafka} if kafka else settings


def file_settings(path: Path, names: Collection[str]) -> dict[str, Any]:
    """The settings of these names that a file gives; SettingsSourceError where it cannot be read."""
    content, lines = _read(path)
    known = {*names} - {_NOT_BY_NAME, "config"}
    if unknown := sorted(content.keys() - known):
        near = nearest(unknown[0], known)
        raise SettingsSourceError(
            f"{path}:{line_of(unknown[:1], lines)}: {_no_setting(unknown[0], near, sorted(known))}"
        )
    for name in _PATHS:
        if isinstance(value := content.get(name), str):
            content[name] = str(path.parent / expanded(Path(value)))
    return content | _kafka(path, content.get("kafka"), lines)


def _no_variable(name: str, known: set[str]) -> str:
    """That no setting has this variable; with the nearest one, or all of them."""
    kafka = f"{PREFIX}KAFKA_"
    if name.startswith(kafka):
        return f"{name} is no setting: did you mean {KAFKA_PREFIX}{name.removeprefix(kafka)}?"
    bare = sorted(one.removeprefix(PREFIX) for one in known)
    return _no_setting(name, nearest(name.removeprefix(PREFIX), bare), bare, PREFIX)


def _no_setting(name: str, near: str | None, known: Iterable[str], prefix: str = "") -> str:
    """That there is no setting of this name; with the nearest one, or all of them."""
    if near:
        return f"{_shown(name)} is no setting: did you mean {prefix}{near}?"
    return f"{_shown(name)} is no setting; the settings are {', '.join(f'{prefix}{one}' for one in known)}"


def file_of(named: Mapping[str, Any]) -> Path | None:
    """The file to read: the one named (`config`), else DOMPET_CONFIG's, else the default one where it exists."""
    if config := named.get("config") or os.environ.get(variable_of("config")):
        return expanded(Path(config))
    return _DEFAULT_FILE if _DEFAULT_FILE.is_file() else None


def expanded(path: Path) -> Path:
    """With somebody's home folder in place of `~`; SettingsSourceError where there is none."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise SettingsSourceError(f"{path}: there is no such home folder") from None


def place_in(path: Path, name: str) -> str:
    """Where a file that was read without fault gives a setting, as file:line; without the line where it cannot be read
    once more, as a pipe.
    """
    try:
        lines = lines_of(read_bounded(path) if path.is_file() else "")
    except (OSError, ValueError):
        lines = {}
    return f"{path}:{lines[name,]}" if (name,) in lines else str(path)


def _read(path: Path) -> tuple[dict[str, Any], Lines]:
    """What the file says, and on which lines."""
    try:
        text = text_in(path, "a file of settings", SettingsSourceError)
    except OSError as error:
        raise SettingsSourceError(f"{path}: the settings cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsSourceError(f"{path}:1: the settings are not UTF-8 text") from None
    return parsed(text, str(path), "a file of settings", SettingsSourceError), lines_of(text)


def _shown(name: str) -> str:
    """A key as it may be in a sentence."""
    return name if name.isprintable() else repr(name)


def _kafka(path: Path, declared: object, lines: Lines) -> dict[str, Any]:
    """The table [kafka], if `kafka` is one, as two settings: the servers, and all else for librdkafka."""
    if not isinstance(declared, dict):
        return {}
    settings = dict(_dotted(path, (), declared, lines))
    return {"kafka": settings.pop(_SERVERS, None), _NOT_BY_NAME: settings}


def _dotted(path: Path, above: tuple[str, ...], table: Mapping[str, object], lines: Lines) -> Iterator[tuple[str, str]]:
    """librdkafka's settings: TOML reads `security.protocol`, unquoted, as a table in a table."""
    for name, value in table.items():
        parts = (*above, name)
        match value:
            case dict():
                yield from _dotted(path, parts, value, lines)
            case bool():
                yield ".".join(parts), str(value).lower()
            case str() | int() | float():
                yield ".".join(parts), str(value)
            case _:
                where = f"{path}:{line_of(('kafka', *parts), lines)}: kafka.{_shown('.'.join(parts))}"
                raise SettingsSourceError(f"{where}: it must be a text, a number, true or false")
