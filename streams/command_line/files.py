"""Commands by their files: a file is a command, a folder a command of two words, and each is made when it is called.

A file `list_.py` holds the command `list` as `list_`, the folder `dead_letters/` those of `dompet dead-letters`. Each
has a PLACE, its panel on the help page and its number there. A help page imports the files that it lists; they load
what is slow only when they run.
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from dompet.streams.command_line.endings import as_exit_code
from dompet.streams.command_line.extras import require
from dompet.streams.command_line.taking import Command, callback, unwrapped

HELP: Final = ("-h", "--help")
_MARKUP: Final = "rich"


class CommandFiles(Mapping[str, Any]):
    """The commands of a folder by their names, in the order of their places."""

    def __init__(self, package: ModuleType) -> None:
        shared = getattr(package, "SHARED", ())
        found = [one.name for one in pkgutil.iter_modules(package.__path__) if one.name not in shared]
        self._modules = {command_name(name): f"{package.__name__}.{name}" for name in found}
        self._panels = list(getattr(package, "PANELS", ()))

    def __getitem__(self, name: str) -> TyperCommand:
        return Listed(name, import_module(self._modules[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._modules, key=self._place))

    def __len__(self) -> int:
        return len(self._modules)

    def _place(self, name: str) -> tuple[int, int, str]:
        panel, number = import_module(self._modules[name]).PLACE
        return self._panels.index(panel) if panel in self._panels else len(self._panels), number, name


class Listed(TyperCommand):
    """A command as a help page lists it; its flags are made when it is called."""

    def __init__(self, name: str, module: ModuleType) -> None:
        own = _own_command(module)
        purpose = own.help if own else unwrapped(module.__doc__ or "")
        super().__init__(name, help=purpose, rich_help_panel=module.PLACE[0], rich_markup_mode=_MARKUP)
        self._module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself; typer.Exit, and a sentence, where what it needs is not installed."""
        own = _own_command(self._module)
        if own is not None and not {*HELP} & {*args}:
            as_exit_code(require)(own.extra, f"`{parent.command_path if parent else ''} {info_name}`")
        return self.made().make_context(info_name, args, parent=parent, **extra)

    def made(self) -> Any:
        """The command with all that it takes."""
        own, name = _own_command(self._module), str(self.name)
        if own is None:
            return group_of(name, self._module, help=self.help, no_args_is_help=True)
        if not hasattr(self._module, "__path__"):
            return _typer_command(name, callback(own), own.help)
        alone = _typer_command(name, callback(own, group=True), own.help)
        return group_of(
            name,
            self._module,
            help=own.help,
            params=alone.params,
            callback=alone.callback,
            invoke_without_command=True,
        )


def group_of(name: str, package: ModuleType, **more: Any) -> TyperGroup:
    """The command whose second word is one of the package's files."""
    files: Any = CommandFiles(package)
    return TyperGroup(name=name, commands=files, rich_markup_mode=_MARKUP, **more)


def app_of(name: str, package: ModuleType, options: Callable[..., None], **more: Any) -> TyperGroup:
    """The program: the package's commands, and the options that come before a command."""
    made = _typer_command(name, options, None)
    return group_of(name, package, params=made.params, callback=made.callback, no_args_is_help=True, **more)


def command_name(module: str) -> str:
    """The word of a file: `import` of `import_`, for `import` is a word of Python's own."""
    return module.rstrip("_").replace("_", "-")


def _own_command(module: ModuleType) -> Command | None:
    """The command of a file; of a folder, where it is a command without a second word, too."""
    own: Command | None = getattr(module, module.__name__.rpartition(".")[2], None)
    return own


def _typer_command(name: str, function: Callable[..., None], purpose: str | None) -> Any:
    app = typer.Typer(rich_markup_mode=_MARKUP, add_completion=False)
    app.command(name, help=purpose)(function)
    return typer.main.get_command(app)
