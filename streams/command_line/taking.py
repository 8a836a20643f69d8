"""A command takes settings: their flags are made from the declaration, and the command has one `Settings`."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from dompet.streams.command_line.endings import as_exit_code
from dompet.streams.command_line.extras import PIPELINE

if TYPE_CHECKING:
    from dompet.streams.settings.declaring import Declared

_PANEL: Final = "Settings"


@dataclass(frozen=True)
class Command:
    """A command's function, whose keyword `settings` is a Settings, the names of the settings that it takes, and the
    extra without which it cannot run.
    """

    function: Callable[..., int]
    settings: tuple[str, ...]
    extra: str

    @property
    def help(self) -> str:
        """What its docstring says."""
        return unwrapped(self.function.__doc__ or "")


def with_settings(*names: str, extra: str = PIPELINE) -> Callable[[Callable[..., int]], Command]:
    """Make a command of a function: it takes these settings as flags, and `config`.

    The function is given one `settings`; all of its other parameters are its own arguments and flags. The `extra` must
    be installed.
    """
    return lambda function: Command(function, (*names, "config"), extra)


def unwrapped(text: str) -> str:
    """Paragraphs without the line breaks that they have in the source."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def callback(command: Command, *, group: bool = False) -> Callable[..., None]:
    """What Typer makes a command of. Of a group's own command: it is run only where no other one is named."""
    from dompet.streams.parsing.zones import zone_of
    from dompet.streams.process.files import owner_only
    from dompet.streams.process.log_lines import write_logs_as
    from dompet.streams.settings import read_settings
    from dompet.streams.settings.declaration import declared_settings
    from dompet.streams.terminal.times import CLOCK

    @as_exit_code
    def run(**values: Any) -> int | None:
        if group and values.pop("group").invoked_subcommand is not None:
            return None
        flags = {name: values.pop(name) for name in command.settings}
        settings = read_settings(**flags)
        write_logs_as(settings.log_format, command.function.__name__.rstrip("_"))
        owner_only(settings.home)
        CLOCK.show_in(settings.time_zone, zone_of(settings.time_zone))
        return command.function(settings=settings, **values)

    known = declared_settings()
    parameters = [_parameter(name, one.annotation, one.default) for name, one in _own(command)]
    parameters += [_parameter(name, _option(known[name]), None) for name in command.settings]
    if group:
        parameters.append(_parameter("group", typer.Context, inspect.Parameter.empty))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _own(command: Command) -> list[tuple[str, inspect.Parameter]]:
    """The function's own parameters."""
    parameters = inspect.signature(command.function).parameters
    return [(name, one) for name, one in parameters.items() if name != "settings"]


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option(one: "Declared") -> Any:
    """The type of a setting's flag; None where it is not given."""
    option = typer.Option(one.flag, metavar=one.metavar, help=one.help, rich_help_panel=_PANEL)
    return Annotated[one.type | None, option]
