"""A decoded batch made ready for the fold: texts as numbers, keys as codes, events in rounds.

A code is a row of its table for a key that the state knows, and a number from `base` on for one that it does not.
Round r holds each person's r-th event of the batch, so within a round every person, order and reference occurs once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.keys import KeyIndex, Rows
from dompet.projections.rule import Rule
from dompet.projections.state import State, order_keys, reference_keys
from dompet.projections.vocabulary import ReferenceKind
from dompet.projections.wallet import REVOCATION_REASONS, SANCTIONS
from dompet.schemas.compiled import compiled
from dompet.schemas.contracts import type_codes
from dompet.schemas.decode import Decoded
from dompet.schemas.strings import PackedStrings, Strings, concatenated

CATEGORIES: Final = ("publisher_id", "platform_id", "course_id", "institution_id", "decree")
"""Fields with few different values, which the state keeps as numbers of its texts."""

_TYPES: Final = 32


@dataclass
class Codes:
    """The keys of one kind in a batch: a code an event (0: none), and the row of every code from `base` on."""

    codes: Rows
    base: int
    fresh_keys: PackedStrings
    fresh_rows: Rows

    def rows(self, events: Any) -> Any:
        """The rows that some events name by now; 0 where there is none yet."""
        return self.row_of(self.codes[events])

    def row_of(self, codes: Rows) -> Rows:
        """The row of each code by now."""
        if not len(self.fresh_rows):
            return codes
        fresh = self.fresh_rows[np.maximum(codes - self.base, 0)]
        return np.where(codes < self.base, codes, fresh)

    def row(self, event: int) -> int:
        """As `rows`, for one event."""
        code = int(self.codes[event])
        return code if code < self.base else int(self.fresh_rows[code - self.base])

    def opened(self, events: Any, rows: Any) -> None:
        """From now on the keys of these events mean these rows."""
        self.fresh_rows[self.codes[events] - self.base] = rows


def find_codes(index: KeyIndex, keys: PackedStrings, known: NDArray[np.bool_] | None = None) -> Codes:
    """The code of each key; where `known` is given, only those keys can be in the index."""
    if known is None:
        found = index.find(keys)
    else:
        found = np.zeros(len(keys.counts), dtype=np.int64)
        found[known] = index.find(keys.take(known))
    base = index.count + 1
    new = np.flatnonzero(found == 0)
    batch = KeyIndex(index.seed, expected=len(new))
    local = batch.intern(keys.take(new))
    found[new] = base - 1 + local
    first = np.zeros(batch.count, dtype=np.int64)
    first[local[::-1] - 1] = new[::-1]
    return Codes(found, base, keys.take(first), np.zeros(batch.count, dtype=np.int64))


@dataclass
class Batch:
    """The live events of a batch in the order of their rounds; `rows` are their places in the decoded batch."""

    rows: NDArray[np.int64]
    partition: NDArray[np.int32]
    rank: NDArray[np.int64]
    type_code: NDArray[np.uint8]
    columns: dict[str, NDArray[Any]]
    persons: Codes
    orders: Codes
    references: Codes
    clawbacks: Codes  # of the same references: those that repayments pay on

    def __len__(self) -> int:
        return len(self.rows)


def prepare(decoded: Decoded, state: State, rules: dict[int, Rule]) -> Batch:
    """The batch as the fold wants it. Texts that are new get their numbers here; nothing else of the state changes."""
    live = np.flatnonzero(decoded.type_code)
    persons = find_codes(state.wallet_index, decoded.packed("beneficiary_id").take(live))
    rank = _ranks(persons.codes)
    turn = _stable_order(rank * _TYPES + decoded.type_code[live])
    live, rank = live[turn], rank[turn]
    persons.codes = persons.codes[turn]
    type_code = decoded.type_code[live]
    columns = _columns(decoded, state, live)
    orders = _order_codes(decoded, state, live, persons, columns)
    references, clawbacks = _reference_codes(decoded, state, live, type_code, persons, rules)
    partition = decoded.records.partition[live]
    return Batch(live, partition, rank, type_code, columns, persons, orders, references, clawbacks)


def _ranks(codes: Rows) -> Rows:
    """How many earlier events of the batch have the same code."""
    ranks = np.empty(len(codes), dtype=np.int64)
    _count_earlier(codes, np.zeros(int(codes.max(initial=0)) + 1, dtype=np.uint32), ranks)
    return ranks


@compiled
def _count_earlier(codes: Rows, seen: NDArray[np.uint32], ranks: Rows) -> None:
    """The same, given zeros for as many codes as there can be."""
    for event, code in enumerate(codes):
        ranks[event] = seen[code]
        seen[code] += 1


def _stable_order(values: Rows) -> Rows:
    """A stable argsort; numbers that fit 16 bits are sorted by radix, which is many times faster."""
    small = len(values) and int(values.max()) < 1 << 16
    return np.argsort(values.astype(np.uint16) if small else values, kind="stable")


def _columns(decoded: Decoded, state: State, live: Rows) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {name: values[live] for name, values in decoded.longs.items()}
    columns["has_score"] = decoded.present.get("score", np.zeros(len(decoded.type_code), dtype=np.bool_))[live]
    for name in CATEGORIES:
        if name in decoded.strings:
            codes, values = decoded.category(name)
            columns[name] = state.texts.intern(values)[codes[live]]
    if "certificate_id" in decoded.strings:
        columns["certificate_id"] = state.texts.intern(decoded.strings["certificate_id"].take(live))
    columns["revocation"] = _numbers(decoded, live, "SaldoRevoked", "reason", REVOCATION_REASONS)
    columns["sanction"] = _numbers(decoded, live, "BeneficiarySanctioned", "sanction", SANCTIONS)
    return columns


def _numbers(decoded: Decoded, live: Rows, event: str, name: str, texts: Sequence[str]) -> NDArray[np.int64]:
    """Of each event of a type, the place of what its field says among a few texts; 0 for any other text."""
    numbers = np.zeros(len(live), dtype=np.int64)
    which = np.flatnonzero(decoded.type_code[live] == type_codes()[event])
    if len(which):
        packed = decoded.strings[name].take(live[which]).packed()
        for number, text in enumerate(texts):
            numbers[which[packed.equals(Strings.of([text.encode()]).packed())]] = number
    return numbers


def _order_codes(decoded: Decoded, state: State, live: Rows, persons: Codes, columns: dict[str, NDArray[Any]]) -> Codes:
    if "order_id" not in decoded.strings:
        return _no_codes(len(live))
    order_id = decoded.packed("order_id").take(live)
    named = np.flatnonzero(order_id.counts)
    person = persons.codes[named]
    keys = order_keys(person, columns["platform_id"][named], order_id.take(named))
    found = find_codes(state.order_index, keys, person < persons.base)
    return _spread(found, named, len(live))


def _reference_codes(
    decoded: Decoded, state: State, live: Rows, type_code: NDArray[np.uint8], persons: Codes, rules: dict[int, Rule]
) -> tuple[Codes, Codes]:
    """The codes of the reference whose id each event carries, and of the clawback that it pays on."""
    named = [(code, *rule.reference) for code, rule in rules.items() if rule.reference]
    paid = [(code, ReferenceKind.CLAWBACK, "clawback_id") for code, rule in rules.items() if rule.pays_on_clawback]
    parts = []
    for code, kind, name in named + paid:
        events = np.flatnonzero(type_code == code)
        if len(events):
            keys = reference_keys(persons.codes[events], kind, decoded.packed(name).take(live[events]))
            parts.append(((code, kind, name) in paid, events, keys))
    if not parts:
        return _no_codes(len(live)), _no_codes(len(live))
    events = np.concatenate([events for _, events, _ in parts])
    found = find_codes(
        state.reference_index, concatenated([keys for _, _, keys in parts]), persons.codes[events] < persons.base
    )
    pays = np.repeat([is_paid for is_paid, _, _ in parts], [len(events) for _, events, _ in parts])
    return tuple(_spread(found, events, len(live), part) for part in (~pays, pays))  # type: ignore[return-value]


def _no_codes(size: int) -> Codes:
    none = np.zeros(0, dtype=np.int64)
    return Codes(np.zeros(size, dtype=np.int64), 1, PackedStrings(np.zeros((1, 0), dtype=np.uint64), none), none)


def _spread(found: Codes, named: Rows, size: int, part: NDArray[np.bool_] | slice = slice(None)) -> Codes:
    """The codes of some events (or of a part of these) as a column of all; the others have none."""
    codes = np.zeros(size, dtype=np.int64)
    codes[named[part]] = found.codes[part]
    return Codes(codes, found.base, found.fresh_keys, found.fresh_rows)
