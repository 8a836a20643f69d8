"""The form of a rule: one event type's checks, in order, and its effect."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from dompet.projections.laws import Laws
from dompet.projections.views import View
from dompet.projections.vocabulary import ReferenceKind, Verdict

Checks = Iterator[tuple[Any, Verdict]]
"""Conditions in order, each with the verdict where it is the first that holds."""


class Publishers(Enum):
    """Whose `publisher_id` an event must carry."""

    PLATFORM = auto()
    PLATFORM_OR_INSTITUTION = auto()
    PROGRAMME = auto()


@dataclass(frozen=True)
class Rule:
    """What one event type does. Checks and effects see the event, its wallet, order, reference and clawback, and the
    laws.

    `reference` is the kind of what an accepted event takes an id for, and the field with its id; `pays_on_clawback`:
    the clawback that the event names.
    """

    event: str
    allowed_publishers: Publishers
    checks: Callable[[View, View, View, View, View, Laws], Checks]
    effects: Callable[[View, View, View, View, View, Laws], None]
    opens_wallet: bool = False
    opens_order: bool = False
    reference: tuple[ReferenceKind, str] | None = None
    pays_on_clawback: bool = False
