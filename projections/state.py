"""What the fold remembers: wallets, orders and references, as columns.

Row 0 of each table is blank: what does not exist. Texts are numbers of one pool, so that comparing them
is comparing numbers; 0 is the empty text.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dompet.projections.keys import KeyIndex, Rows, grown_size
from dompet.schemas.strings import PackedStrings, Strings
from dompet.schemas.varints import Words

_HALF: Final = np.uint64(32)
_LOW32: Final = np.uint64(0xFFFFFFFF)

WALLET_COLUMNS: Final[Mapping[str, DTypeLike]] = {
    "partition": np.int32,
    "rules": np.int8,  # the set's place in the rulebook
    "wave": np.int64,
    "decree": np.int32,  # text
    "status": np.uint8,
    "credits": np.int32,
    "credited": np.int64,
    "spent": np.int64,
    "refunded": np.int64,
    "returned": np.int64,
    "balance": np.int64,
    "first_purchase_due": np.int64,  # microseconds, as all times
    "spend_by": np.int64,
    "purchases": np.int32,
    "open_orders": np.int32,
    "entitled": np.bool_,
    "held": np.bool_,
    "incentive_due": np.int64,
    "incentive_paid": np.int64,
    "payout_failures": np.int32,
    "surveys": np.int64,  # bit s − 1: survey s was submitted
    "clawback_ordered": np.int64,
    "clawback_repaid": np.int64,
}
ORDER_COLUMNS: Final[Mapping[str, DTypeLike]] = {
    "course_id": np.int32,  # text
    "institution_id": np.int32,  # text
    "price": np.int64,
    "commission": np.int64,
    "purchased_at": np.int64,
    "redeemed_at": np.int64,  # 0 while it is not, as all times of an order
    "sessions": np.int64,  # bit s − 1: session s was recorded
    "attended": np.int64,  # the same: and attended
    "completed_at": np.int64,
    "certificate_id": np.int32,  # text
    "score": np.int64,
    "has_score": np.bool_,
    "reviewed_at": np.int64,
    "rating": np.uint8,
    "refunded": np.bool_,
    "flags": np.uint8,
    "cleared": np.bool_,
}
WALLET_TEXTS: Final = ("decree",)
ORDER_TEXTS: Final = ("course_id", "institution_id", "certificate_id")
"""The columns that hold numbers of texts."""
REFERENCE_COLUMNS: Final[Mapping[str, DTypeLike]] = {
    "amount": np.int64,
    "repaid": np.int64,  # of a clawback: what was paid back of it
    "stage": np.uint8,  # of a payout
}


def row_type(columns: Mapping[str, DTypeLike]) -> np.dtype[np.void]:
    """A row of these columns: the widest first, so that each is where the machine reads it fastest."""
    widest_first = sorted(columns, key=lambda name: -np.dtype(columns[name]).itemsize)
    return np.dtype([(name, columns[name]) for name in widest_first], align=True)


class Table(dict[str, NDArray[Any]]):
    """Rows numbered from 1 in the order in which they are added, and each of their columns by name.

    A row's columns lie together in memory (`data`): a rule looks at a few columns of some rows, and the journal takes
    whole rows, so what is read of a row at once is read from one place.
    """

    def __init__(self, columns: Mapping[str, DTypeLike], expected: int = 0) -> None:
        super().__init__()
        self.count = 0
        self._hold(np.zeros(expected + 256, dtype=row_type(columns)))

    def _hold(self, data: NDArray[np.void]) -> None:
        self.data = data
        self.bytes = data.view(np.uint8).data
        self._names = data.dtype.names or ()
        self.update((name, data[name]) for name in self._names)

    def row(self, number: int) -> dict[str, Any]:
        """A row's columns as plain numbers."""
        return dict(zip(self._names, self.data[number].item(), strict=True))

    def add(self, size: int) -> Rows:
        """Append `size` blank rows and return their numbers."""
        rows = np.arange(self.count + 1, self.count + size + 1)
        self.count += size
        if len(self.data) <= self.count:
            grown = np.zeros(grown_size(self.data, self.count + 1), dtype=self.data.dtype)
            grown.view(np.uint8)[: self.data.nbytes] = self.data.view(np.uint8)
            self._hold(grown)
        return rows

    def take_over(self, other: "Table", rows: Rows) -> Rows:
        """Append these rows of another table of the same columns, and return their numbers here."""
        added = self.add(len(rows))
        self.data[added] = other.data[rows]
        return added

    def held(self, name: str) -> NDArray[Any]:
        """A column of the rows that were added, without row 0."""
        return self[name][1 : self.count + 1]

    def nbytes(self) -> int:
        """Bytes of memory reserved."""
        return self.data.nbytes


class Texts:
    """Every text that the state holds, once, under a number from 1; the empty text is 0."""

    def __init__(self, seed: int = 0) -> None:
        self._index = KeyIndex(seed)

    def intern(self, strings: Strings) -> NDArray[np.int32]:
        """The number of each text, given where it is new."""
        numbers = np.zeros(len(strings), dtype=np.int32)
        some = strings.length > 0
        numbers[some] = self._index.intern(strings.take(some).packed())
        return numbers

    def take_over(self, other: "Texts", numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Intern the texts that have these numbers in another pool; the number of each here."""
        used = np.flatnonzero(np.bincount(numbers))
        here = np.zeros(int(used.max(initial=0)) + 1, dtype=np.int32)
        here[used] = self.intern(other.strings(used))
        return here[numbers]

    def strings(self, numbers: NDArray[np.integer[Any]]) -> Strings:
        """The texts of the given numbers, over the pool's own memory."""
        return self._index.strings(numbers)

    def nbytes(self) -> int:
        """Bytes of memory reserved."""
        return self._index.nbytes()


class State:
    """Everything that outlives a batch."""

    def __init__(self, seed: int = 0, expected_wallets: int = 0) -> None:
        self.wallets = Table(WALLET_COLUMNS, expected_wallets)
        self.orders = Table(ORDER_COLUMNS)
        self.references = Table(REFERENCE_COLUMNS)
        self.wallet_index = KeyIndex(seed, expected_wallets)
        self.order_index = KeyIndex(seed)
        self.reference_index = KeyIndex(seed)
        self.texts = Texts(seed)

    def only(self, partitions: Collection[int], seed: int = 0) -> "State":
        """What this state holds of some partitions, as another state, with nothing of the others left in it."""
        left = State(seed)
        if not partitions:
            return left
        wallets = 1 + np.flatnonzero(np.isin(self.wallets["partition"][1 : self.wallets.count + 1], list(partitions)))
        heirs = np.zeros(self.wallets.count + 1, dtype=np.uint64)
        heirs[wallets] = left.wallets.take_over(self.wallets, wallets)
        left.wallet_index.append(self.wallet_index.keys(wallets))
        orders, order_keys = _owned(self.order_index, self.orders, heirs)
        left.orders.take_over(self.orders, orders)
        references, reference_keys = _owned(self.reference_index, self.references, heirs)
        left.references.take_over(self.references, references)
        left.reference_index.append(reference_keys)
        # Column by column: what is interned at once is packed as wide as its longest text.
        for table, names in ((left.wallets, WALLET_TEXTS), (left.orders, ORDER_TEXTS)):
            for name in names:
                table.held(name)[:] = left.texts.take_over(self.texts, table.held(name))
        platforms = left.texts.take_over(self.texts, (order_keys.words[0] & _LOW32).astype(np.int32))
        order_keys.words[0] = order_keys.words[0] & ~_LOW32 | platforms.astype(np.uint64)
        left.order_index.append(order_keys)
        return left

    def nbytes(self) -> int:
        """Bytes of memory reserved for everything, keys and indexes included."""
        parts = (self.wallets, self.orders, self.references)
        indexes = (self.wallet_index, self.order_index, self.reference_index, self.texts)
        return sum(part.nbytes() for part in parts) + sum(index.nbytes() for index in indexes)


def _owned(index: KeyIndex, table: Table, heirs: Words) -> tuple[Rows, PackedStrings]:
    """The orders or references of wallets that have an heir (their number in another state): their rows, and their
    keys as they are there but for platforms.
    """
    heir = heirs[index.first_words(np.arange(1, table.count + 1)) >> _HALF]
    rows = 1 + np.flatnonzero(heir)
    keys = index.keys(rows)
    keys.words[0] = heir[rows - 1] << _HALF | keys.words[0] & _LOW32
    return rows, keys


def order_keys(wallet: Rows, platform: NDArray[np.integer[Any]], order_id: PackedStrings) -> PackedStrings:
    """Orders belong to their beneficiary and platform: the key of an order is both with its order_id."""
    return order_id.prefixed(wallet.astype(np.uint64) << np.uint64(32) | platform.astype(np.uint64))


def reference_keys(wallet: Rows, kind: int, reference_id: PackedStrings) -> PackedStrings:
    """The key of a reference: beneficiary, kind and id."""
    return reference_id.prefixed(wallet.astype(np.uint64) << np.uint64(32) | np.uint64(kind))
