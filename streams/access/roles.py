"""Roles, and the user who asks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody may do."""

    VIEWER = "viewer"
    OFFICER = "officer"
    ANALYST = "analyst"
    PUBLISHER = "publisher"
    OPERATOR = "operator"


MEANINGS: Final = {
    Role.VIEWER: "sees sums, and no single person",
    Role.OFFICER: "sees persons, clears orders, issues statements and reconciles",
    Role.ANALYST: "asks in SQL",
    Role.PUBLISHER: "sees its own platform's or institution's events, outcomes and statements",
    Role.OPERATOR: "sees the pipeline, rejections and dead letters, and redrives or discards them",
}
SUMS: Final = frozenset({Role.VIEWER, Role.OFFICER, Role.ANALYST, Role.OPERATOR})
"""Who may see sums of everybody."""
PERSONS: Final = frozenset({Role.OFFICER})
OPERATORS: Final = frozenset({Role.OPERATOR})
LETTERS: Final = frozenset({Role.OFFICER, Role.OPERATOR})
PUBLISHERS: Final = frozenset({Role.PUBLISHER})
EVERYBODY: Final = frozenset(Role)


@dataclass(frozen=True)
class Who:
    """Somebody who asks. `party` is the platform or institution that a publisher is."""

    name: str
    roles: frozenset[Role]
    party: str = ""
    local: bool = False
    """Whether nobody signed in: any user of this machine."""

    def may(self, roles: frozenset[Role]) -> bool:
        """Whether one of these roles is theirs."""
        return bool(self.roles & roles)


def local_user(name: str) -> Who:
    """A user of this machine itself, who may do all."""
    return Who(name, EVERYBODY, local=True)
