"""What the fold says of a batch's live events, in the order of their rounds."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.batch import Batch
from dompet.projections.state import ORDER_COLUMNS, WALLET_COLUMNS, State

MONEY: Final = ("credited", "spent", "refunded", "returned")
"""The sums of a wallet whose changes the journal keeps: an event's effect on the money."""

WALLET_AFTER: Final = tuple(name for name in WALLET_COLUMNS if name != "partition")
ORDER_AFTER: Final = tuple(ORDER_COLUMNS)


class Result:
    """A verdict for each event, the flags it raised, its effect on the money, and its wallet and order after it."""

    def __init__(self, batch: Batch, verdict: NDArray[np.uint8]) -> None:
        size = len(batch)
        self.batch = batch
        self.verdict = verdict
        self.flags = np.zeros(size, dtype=np.uint8)
        self.changes = {name: np.zeros(size, dtype=np.int64) for name in MONEY}
        self.wallet: dict[str, NDArray[Any]] = {n: np.zeros(size, dtype=WALLET_COLUMNS[n]) for n in WALLET_AFTER}
        self.order: dict[str, NDArray[Any]] = {n: np.zeros(size, dtype=ORDER_COLUMNS[n]) for n in ORDER_AFTER}
        self.has_wallet = np.zeros(size, dtype=np.bool_)

    def capture(self, state: State, which: Any, wallets: Any, orders: Any) -> None:
        """Keep the wallets and orders of these events as they now are."""
        self.has_wallet[which] = wallets > 0
        for name, column in self.wallet.items():
            column[which] = state.wallets[name][wallets]
        for name, column in self.order.items():
            column[which] = state.orders[name][orders]
