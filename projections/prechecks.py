"""The checks that come before all rules: may the publisher say it, is the amount one.

They look at no state, so they run over a whole batch at once.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.batch import Batch
from dompet.projections.rule import Publishers, Rule
from dompet.projections.state import State
from dompet.projections.views import Columns
from dompet.projections.vocabulary import Verdict
from dompet.schemas.contracts import events_by_name, type_codes
from dompet.schemas.limits import AMOUNT_MAX
from dompet.schemas.rules import Rulebook
from dompet.schemas.strings import Strings

_CODES: Final = 256


class Prechecks:
    """What one event says by itself, compared with the rulebook."""

    def __init__(self, rulebook: Rulebook, rules: Mapping[int, Rule]) -> None:
        self._programme = Strings.of([name.encode() for name in rulebook.programme_publishers])
        self._allowed = {
            kind: _by_code({c for c, rule in rules.items() if rule.allowed_publishers is kind}) for kind in Publishers
        }
        self._has = {name: _by_code(_types_with(name)) for name in ("amount", "price", "commission")}

    def verdicts(self, batch: Batch, state: State) -> NDArray[np.uint8]:
        """NOT_AUTHORISED, INVALID_AMOUNT, or ACCEPTED where the rules are to decide."""
        events = Columns(batch.columns, len(batch))
        verdict = np.zeros(len(batch), dtype=np.uint8)
        verdict[self._invalid_amount(events, batch.type_code)] = Verdict.INVALID_AMOUNT
        verdict[~self._authorised(events, batch.type_code, state)] = Verdict.NOT_AUTHORISED
        return verdict

    def _authorised(self, events: Columns, type_code: NDArray[np.uint8], state: State) -> Any:
        publisher = events["publisher_id"]
        by_platform = publisher == events["platform_id"]
        by_institution = publisher == events["institution_id"]
        by_programme = np.isin(publisher, state.texts.intern(self._programme))
        return (
            (self._allowed[Publishers.PLATFORM][type_code] & by_platform)
            | (self._allowed[Publishers.PLATFORM_OR_INSTITUTION][type_code] & (by_platform | by_institution))
            | (self._allowed[Publishers.PROGRAMME][type_code] & by_programme)
        )

    def _invalid_amount(self, events: Columns, type_code: NDArray[np.uint8]) -> Any:
        price, commission = events["price"], events["commission"]
        invalid = self._has["commission"][type_code] & ((commission < 0) | (commission > price))
        for name in ("amount", "price"):
            value = events[name]
            invalid |= self._has[name][type_code] & ((value < 1) | (value > AMOUNT_MAX))
        return invalid


def _types_with(field: str) -> set[int]:
    """The codes of the event types that have a field."""
    return {
        type_codes()[name]
        for name, contract in events_by_name().items()
        if any(one.name == field for one in contract.fields)
    }


def _by_code(codes: set[int]) -> NDArray[np.bool_]:
    """A table that says of each type code whether it is among `codes`."""
    return np.isin(np.arange(_CODES), list(codes))
