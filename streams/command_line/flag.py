"""A flag or an argument of a command that both command lines have: Typer's, and the light one."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flag:
    """`name` is `--gateway`, or the metavar of an argument; `default` is None where a flag may be left out, and an
    argument that `is_optional`.
    """

    name: str
    metavar: str
    help: str
    default: Any = None
    choices: tuple[str, ...] = ()
    is_optional: bool = False

    @property
    def is_argument(self) -> bool:
        """Whether it is given by its place."""
        return not self.name.startswith("-")
