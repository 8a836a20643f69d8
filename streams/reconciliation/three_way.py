"""Sold × redeemed or attended × paid: of each order which of the three is true."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.streams.reconciliation.matching import codes_of

Case = tuple[bool, bool, bool]
"""Sold, redeemed or attended, paid."""


@dataclass
class ThreeWay:
    """Of each case how many orders there are, what was sold for them and what was paid."""

    by_person: bool
    orders: Counter[Case] = field(default_factory=Counter)
    sold: Counter[Case] = field(default_factory=Counter)
    paid: Counter[Case] = field(default_factory=Counter)

    def add(self, sales: pa.Table, taken: pa.Table, payments: pa.Table) -> None:
        """Add orders, all that is known of each at a time. What was refunded or paid back is taken off."""
        sale, take, payment = codes_of(sales, taken, payments, by_person=self.by_person)
        many = 1 + max((int(codes.max(initial=-1)) for codes in (sale, take, payment)), default=-1)
        sold, paid = _summed(many, sale, sales["amount"]), _summed(many, payment, payments["amount"])
        was_taken = np.bincount(take, minlength=many) > 0
        case = (sold > 0) * 4 + was_taken * 2 + (paid > 0)
        for number in range(8):
            chosen = case == number
            key = (bool(number & 4), bool(number & 2), bool(number & 1))
            self.orders[key] += int(chosen.sum())
            self.sold[key] += int(sold[chosen].sum())
            self.paid[key] += int(paid[chosen].sum())


def _summed(many: int, codes: NDArray[np.int64], amounts: Any) -> NDArray[np.int64]:
    total = np.zeros(many, dtype=np.int64)
    np.add.at(total, codes, amounts.to_numpy())
    return total
