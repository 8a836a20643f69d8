"""What is always true of a wallet, checked after every batch before anything of it is written.

A breach means that the fold or its state is wrong: no event can bring one about, so the worker must stop.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from dompet.projections.result import Result
from dompet.schemas.decode import Decoded
from dompet.schemas.errors import DompetError

LAWS: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "credited = balance + (spent - refunded) + returned": (
        lambda w: w["credited"] != w["balance"] + (w["spent"] - w["refunded"]) + w["returned"]
    ),
    "0 <= balance": lambda w: w["balance"] < 0,
    "incentive_paid <= incentive_due": lambda w: w["incentive_paid"] > w["incentive_due"],
    "clawback_repaid <= clawback_ordered": lambda w: w["clawback_repaid"] > w["clawback_ordered"],
}
"""By the law's words, what breaks it."""


class InvariantBroken(DompetError):
    """A wallet after an event is not as every wallet must be."""


def check(decoded: Decoded, result: Result) -> None:
    """Hold the wallets after each event of a batch against the laws; InvariantBroken names the first breach."""
    wallets: Mapping[str, Any] = {name: result.wallet[name] for name in result.wallet.dtype.names or ()}
    for law, breaks in LAWS.items():
        broken = np.flatnonzero(breaks(wallets))
        if len(broken):
            place = int(broken[0])
            row = int(result.batch.rows[place])
            records, person = decoded.records, decoded.strings["beneficiary_id"].row(row).decode()
            state = ", ".join(f"{name} {int(wallets[name][place])}" for name in _NAMED if name in law)
            raise InvariantBroken(
                f"wallet {person}, after partition {records.partition[row]}, offset {records.offset[row]}: "
                f"{law} does not hold ({state}); nothing of this batch was written"
            )


_NAMED: Final = (
    *("credited", "balance", "spent", "refunded", "returned"),
    *("incentive_paid", "incentive_due", "clawback_repaid", "clawback_ordered"),
)
