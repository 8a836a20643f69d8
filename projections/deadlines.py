"""Wallets whose deadline has passed: the same two conditions as the rule of revocation, over the state's columns."""

from typing import Any, Final, NamedTuple

import numpy as np

from dompet.projections.keys import Rows
from dompet.projections.state import State
from dompet.projections.vocabulary import Status

FIRST_PURCHASE: Final = "first_purchase_deadline"
SPEND_BY: Final = "spend_by"


class Overdue(NamedTuple):
    """A wallet past a deadline: the reason its revocation states, and the deadline in UTC microseconds."""

    beneficiary_id: str
    reason: str
    due_us: int


def overdue(state: State, as_of_us: int, limit: int) -> list[Overdue]:
    """At most `limit` wallets that are open and past a deadline as of a moment, in the order of their first credit:
    without a purchase past first_purchase_due, or with a balance past spend_by.
    """
    w: dict[str, Any] = {name: column[: state.wallets.count + 1] for name, column in state.wallets.items()}
    is_open = (w["status"] != Status.NONE.value) & (w["status"] < Status.EXPIRED.value)
    unused = is_open & (w["purchases"] == 0) & (w["first_purchase_due"] < as_of_us)
    unspent = is_open & ~unused & (w["balance"] > 0) & (w["spend_by"] < as_of_us)
    rows: Rows = np.flatnonzero(unused | unspent)[:limit]
    people = state.wallet_index.strings(rows)
    return [
        Overdue(people.row(place).decode(), FIRST_PURCHASE, int(w["first_purchase_due"][row]))
        if unused[row]
        else Overdue(people.row(place).decode(), SPEND_BY, int(w["spend_by"][row]))
        for place, row in enumerate(rows.tolist())
    ]
