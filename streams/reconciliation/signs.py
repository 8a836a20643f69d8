"""Which lines are refunds, and what they are worth: amounts below zero, a column of their own, or a word.

A sign that could mean two things is refused: a refund is written above zero in one file and below it in another, but
not both ways in one.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dompet.schemas.limits import AMOUNT_MAX
from dompet.streams.parsing.blanks import are_blank, stripped
from dompet.streams.parsing.conditions import Test
from dompet.streams.parsing.texts import shown
from dompet.streams.reconciliation.faults import Faults
from dompet.streams.reconciliation.mapping import Layout

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = dict[str, pa.Array]


class Signs:
    """Amounts and refunds of one file, block by block: what its first refund's sign is holds for all of it."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._refund = _word_test(layout)
        self._sale = (layout.sale_when.column, layout.sale_when.test()) if layout.sale_when else None
        self._sign = 0
        self._signed_on = 0

    def read(self, texts: Texts, faults: Faults) -> tuple[Ints, Flags]:
        """Whole rupiah, below zero for a refund, and which lines are refunds; what is wrong is noted, and 0."""
        layout = self._layout
        if layout.amount is None:
            return np.zeros(len(faults.lines), dtype=np.int64), np.zeros(len(faults.lines), dtype=np.bool_)
        if layout.refund_amount is not None:
            return self._of_two_columns(texts, layout.amount, layout.refund_amount, faults)
        amount = self._numbers(texts, layout.amount, faults)
        if self._refund is None:
            return amount, amount < 0
        return self._by_words(texts, amount, layout.amount, faults)

    def _of_two_columns(self, texts: Texts, sales: str, refunds: str, faults: Faults) -> tuple[Ints, Flags]:
        absent = [are_blank(texts[name]) for name in (sales, refunds)]
        sold, given_back = (
            self._numbers(texts | {name: pc.if_else(pa.array(none), "0", texts[name])}, name, faults)
            for name, none in zip((sales, refunds), absent, strict=True)
        )
        both = f"of {shown(sales)} and {shown(refunds)}"
        faults.note(absent[0] & absent[1], lambda row: f"neither {both} holds an amount")
        faults.note((sold != 0) & (given_back != 0), lambda row: f"each {both} holds an amount")
        faults.note(sold < 0, lambda row: f"amount {_cell(texts, sales, row)} is below zero, and is no refund")
        refund = (given_back != 0) | absent[0]
        self._agree(texts, refunds, given_back, refund, faults)
        return np.where(refund, -np.abs(given_back), sold), refund

    def _by_words(self, texts: Texts, amount: Ints, column: str, faults: Faults) -> tuple[Ints, Flags]:
        refund = _judged(texts, *self._refund, faults) if self._refund else np.zeros(len(amount), dtype=np.bool_)
        if self._sale and self._refund:
            sale = _judged(texts, *self._sale, faults)
            word = self._refund[0]
            faults.note(refund == sale, lambda row: f"{_cell(texts, word, row)} does not say whether it is a refund")
        faults.note(
            (amount < 0) & ~refund, lambda row: f"amount {_cell(texts, column, row)} is below zero, and is no refund"
        )
        self._agree(texts, column, amount, refund, faults)
        return np.where(refund, -np.abs(amount), amount), refund

    def _numbers(self, texts: Texts, column: str, faults: Faults) -> Ints:
        good, values = self._layout.notation.column(texts[column])
        faults.note(~good, lambda row: f"amount {_cell(texts, column, row)} is no whole number of rupiah")
        large = (values > AMOUNT_MAX) | (values < -AMOUNT_MAX)
        faults.note(large, lambda row: f"amount {_cell(texts, column, row)} is of more than {AMOUNT_MAX} rupiah")
        return values

    def _agree(self, texts: Texts, column: str, amount: Ints, refund: Flags, faults: Faults) -> None:
        """Note a refund whose sign is not that of the refunds before it."""
        sign = np.where(refund, np.sign(amount), 0)
        for row in np.flatnonzero(sign)[: self._sign == 0].tolist():
            self._sign, self._signed_on = int(sign[row]), int(faults.lines[row])
        side, other = ("above", "below") if self._sign > 0 else ("below", "above")
        faults.note(
            sign * self._sign < 0,
            lambda row: (
                f"the refund {_cell(texts, column, row)} is {other} zero, and that on line {self._signed_on} {side}"
            ),
        )


def _word_test(layout: Layout) -> tuple[str, Test] | None:
    """The column whose words say that a line is a refund, and how."""
    if layout.refund_when:
        return layout.refund_when.column, layout.refund_when.test()
    if layout.refund_column is None or layout.refund_value is None:
        return None
    given = [layout.refund_value] if isinstance(layout.refund_value, str) else layout.refund_value
    words = {stripped(word).casefold() for word in given}
    return layout.refund_column, lambda text: text is not None and text.casefold() in words


def _judged(texts: Texts, column: str, test: Test, faults: Faults) -> Flags:
    """Which rows meet a test; blanks at the ends of a word do not count."""
    each = texts[column].dictionary_encode()
    verdicts, wrong = np.zeros((2, len(each.dictionary)), dtype=np.bool_)
    for at, word in enumerate(each.dictionary.to_pylist()):
        try:
            verdicts[at] = test(stripped(word) or None)
        except ValueError:
            wrong[at] = True
    which = each.indices.to_numpy()
    faults.note(wrong[which], lambda row: f"{_cell(texts, column, row)} is no whole number")
    met: Flags = verdicts[which]
    return met


def _cell(texts: Texts, column: str, row: int) -> str:
    return f"{shown(texts[column][row].as_py())} in column {shown(column)}"
