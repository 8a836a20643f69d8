"""A flag or an argument of a command that both command lines have: Typer's, and the light one."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flag:
    """`name` is `--gateway`, or the metavar of an argument; `default` is None where it may be left out."""

    name: str
    metavar: str
    help: str
    default: Any = None
    choices: tuple[str, ...] = ()

    @property
    def is_argument(self) -> bool:
        """Whether it is given by its place."""
        return not self.name.startswith("-")
