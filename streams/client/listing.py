"""All commands of `dompet` by their files, read and not run: what they need is not installed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from dompet.streams.command_line.extras import LIGHT, PIPELINE, WEB

_MAKER: Final = "with_settings"
_EXTRAS: Final = {"LIGHT": LIGHT, "WEB": WEB}
"""By the names that commands write."""


class Listed(NamedTuple):
    """A command: its words behind `dompet`, what it is for, the extra that it needs, and its panel on the help page."""

    words: str
    purpose: str
    extra: str
    place: tuple[int, int, str]


@cache
def listed(package: ModuleType) -> tuple[Listed, ...]:
    """The commands of a package in the order of the help page; those of two words behind those of one."""
    panels = list(package.PANELS)
    found = (_command(path, panels) for path in _files(Path(package.__path__[0]), package.SHARED))
    return tuple(sorted((one for one in found if one), key=lambda one: (" " in one.words, one.place)))


def _files(folder: Path, shared: frozenset[str]) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        if names and names[0] not in shared:
            yield path, " ".join(name.rstrip("_").replace("_", "-") for name in names)


def _command(file: tuple[Path, str], panels: list[str]) -> Listed | None:
    path, words = file
    tree = ast.parse(path.read_text("utf-8"))
    place = next(
        one.value for one in tree.body if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == "PLACE"
    )
    panel, number = ast.literal_eval(place) if place is not None else ("", 0)
    order = panels.index(panel) if panel in panels else len(panels)
    for one in tree.body:
        makers = one.decorator_list if isinstance(one, ast.FunctionDef) else []
        if isinstance(one, ast.FunctionDef) and makers and ast.unparse(makers[0]).startswith(f"{_MAKER}("):
            purpose = " ".join((ast.get_docstring(one) or "").split("\n\n")[0].split())
            return Listed(words, purpose, _extra(makers[0]), (order, number, words))
    return None


def _extra(maker: ast.expr) -> str:
    """The extra that `with_settings(…, extra=WEB)` names."""
    given = {one.arg: ast.unparse(one.value) for one in maker.keywords} if isinstance(maker, ast.Call) else {}
    return _EXTRAS[given["extra"]] if "extra" in given else PIPELINE
