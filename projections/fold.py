"""The fold: a batch of events and the state before it → the journal's rows and the state after it.

It is exactly the fold of one event after another, done side by side. Events of one person keep their order by rounds
(see `batch`); within a round a rule runs once over all events of its type. Rounds with few events, the tail that one
busy person makes, run the same rules one event at a time on plain numbers.

The fold looks at no clock, file, random number or catalogue: the same log and rules give the same rows, always.
"""

from collections.abc import Collection
from copy import copy
from typing import Any, Final

import numpy as np

from dompet.projections import clawback, completion, incentive, wallet
from dompet.projections.batch import Batch, Codes, prepare
from dompet.projections.keys import KeyIndex, Rows
from dompet.projections.laws import Laws
from dompet.projections.prechecks import Prechecks
from dompet.projections.result import MONEY, Result
from dompet.projections.rule import Rule
from dompet.projections.state import State
from dompet.projections.views import NOTHING, Columns, One, OneEvent, View
from dompet.projections.vocabulary import Verdict
from dompet.schemas.contracts import type_codes
from dompet.schemas.decode import Decoded
from dompet.schemas.rules import Rulebook
from dompet.schemas.strings import PackedStrings

VERSION: Final = 2
"""Raised whenever any outcome, flag or state could change for any log. A journal belongs to one version."""

RULES: Final[dict[int, Rule]] = {
    type_codes()[rule.event]: rule
    for rules in (wallet.RULES, completion.RULES, incentive.RULES, clawback.RULES)
    for rule in rules
}
"""The rule of each event type, by type code."""

_ACCEPTED: Final = Verdict.ACCEPTED.value

Views = tuple[View, View, View, View, View]

ONE_BY_ONE_BELOW: Final = 48
"""Rounds with fewer events run one by one: below it an array operation's fixed cost outweighs its gain."""


class Fold:
    """The fold over one log: rules, and the state of the partitions it has read."""

    def __init__(self, rulebook: Rulebook, seed: int = 0, one_by_one_below: int = ONE_BY_ONE_BELOW) -> None:
        self.laws = Laws(rulebook)
        self.state = State(seed)
        self._prechecks = Prechecks(rulebook, RULES)
        self._one_by_one_below = one_by_one_below

    def only(self, partitions: Collection[int], seed: int = 0) -> "Fold":
        """A fold that goes on from what this one has read of some partitions."""
        fold = copy(self)
        fold.state = self.state.only(partitions, seed)
        return fold

    def apply(self, decoded: Decoded) -> Result:
        """Fold a batch, whose records of one person are in the log's order, into the state; what became of each."""
        batch = prepare(decoded, self.state, RULES)
        result = Result(batch, self._prechecks.verdicts(batch, self.state))
        events = Columns(batch.columns, len(batch))
        sizes = np.bincount(batch.rank)
        side_by_side = int((sizes >= self._one_by_one_below).sum())
        begin = 0
        for size in sizes[:side_by_side].tolist():
            self._round(batch, events, result, slice(begin, begin + size))
            begin += size
        self._one_by_one(batch, events, result, begin)
        self._index(batch)
        return result

    def _round(self, batch: Batch, events: Columns, result: Result, part: slice) -> None:
        """All events of one round, type after type."""
        codes = batch.type_code[part]
        begins = np.flatnonzero(np.diff(codes, prepend=codes[0] + 1))
        for begin, end in zip(begins, [*begins[1:], len(codes)], strict=True):
            rule = RULES[int(codes[begin])]
            self._side_by_side(rule, batch, events, result, np.arange(part.start + begin, part.start + end))
        result.capture(self.state, part, batch.persons.rows(part), batch.orders.rows(part))

    def _side_by_side(self, rule: Rule, batch: Batch, events: Columns, result: Result, which: Rows) -> None:
        """One rule over events of its type, each of another person."""
        which = which[result.verdict[which] == _ACCEPTED]
        views = self._views(rule, batch, events, which)
        verdict = np.zeros(len(which), dtype=np.uint8)
        for condition, decision in rule.checks(*views, self.laws):
            verdict[(verdict == _ACCEPTED) & condition] = decision.value
        result.verdict[which] = verdict
        accepted = which[verdict == _ACCEPTED]
        if len(accepted):
            self._open(rule, batch, accepted)
            self._accept(rule, self._views(rule, batch, events, accepted), result, accepted)

    def _one_by_one(self, batch: Batch, events: Columns, result: Result, begin: int) -> None:
        """The events from `begin` on by the same rules, one after another, on plain numbers."""
        plain = events.lists(begin)
        codes, verdicts = batch.type_code[begin:].tolist(), result.verdict[begin:].tolist()
        for event, (code, verdict) in enumerate(zip(codes, verdicts, strict=True), begin):
            if verdict == _ACCEPTED:
                self._single(RULES[code], batch, OneEvent(plain, event - begin), result, event)
            result.capture_one(self.state, event, batch.persons.row(event), batch.orders.row(event))

    def _single(self, rule: Rule, batch: Batch, e: View, result: Result, event: int) -> None:
        """One event by its rule."""
        state = self.state
        w, o = One(state.wallets, batch.persons.row(event)), One(state.orders, batch.orders.row(event))
        r = One(state.references, batch.references.row(event)) if rule.reference else NOTHING
        c = One(state.references, batch.clawbacks.row(event)) if rule.pays_on_clawback else NOTHING
        for condition, decision in rule.checks(e, w, o, r, c, self.laws):
            if condition:
                result.verdict[event] = decision.value
                return
        # What is opened now is as blank as what was read of it before, so only the row's number is new.
        if rule.opens_wallet or rule.opens_order or rule.reference:
            self._open(rule, batch, event)
            w.__dict__["rows"], o.__dict__["rows"] = batch.persons.row(event), batch.orders.row(event)
            if rule.reference:
                r.__dict__["rows"] = batch.references.row(event)
        self._accept(rule, (e, w, o, r, c), result, event)

    def _views(self, rule: Rule, batch: Batch, events: Columns, which: Rows) -> Views:
        """The events; and their wallets, orders, references and clawbacks as they are."""
        state = self.state
        return (
            View(events, which),
            View(state.wallets, batch.persons.rows(which)),
            View(state.orders, batch.orders.rows(which)),
            View(state.references, batch.references.rows(which)) if rule.reference else NOTHING,
            View(state.references, batch.clawbacks.rows(which)) if rule.pays_on_clawback else NOTHING,
        )

    def _open(self, rule: Rule, batch: Batch, which: Any) -> None:
        """Blank rows for what accepted events open: a wallet or a reference where there is none, an order."""
        which = np.atleast_1d(which)
        if rule.opens_wallet:
            new = which[batch.persons.rows(which) == 0]
            rows = self.state.wallets.add(len(new))
            self.state.wallets["partition"][rows] = batch.partition[new]
            batch.persons.opened(new, rows)
        if rule.opens_order:
            batch.orders.opened(which, self.state.orders.add(len(which)))
        if rule.reference:
            new = which[batch.references.rows(which) == 0]
            batch.references.opened(new, self.state.references.add(len(new)))

    def _accept(self, rule: Rule, views: Views, result: Result, which: Any) -> None:
        """The effect of accepted events, on the state and as the journal records it."""
        _, w, o, r, c = views
        rule.effects(*views, self.laws)
        for name in MONEY:
            if name in w.changed:
                result.changes[name][which] = getattr(w, name) - w.before[name]
        if "flags" in o.changed:
            result.flags[which] = o.flags & ~o.before["flags"]
        w.store(self.state.wallets)
        o.store(self.state.orders)
        r.store(self.state.references)
        c.store(self.state.references)

    def _index(self, batch: Batch) -> None:
        """Make what the batch opened findable: until now only the batch's own codes knew it."""
        persons, state = batch.persons, self.state
        _add(state.wallet_index, persons, persons.fresh_keys)
        for index, codes in ((state.order_index, batch.orders), (state.reference_index, batch.references)):
            words = codes.fresh_keys.words.copy()
            owner = (words[0] >> np.uint64(32)).astype(np.int64)
            row = persons.row_of(owner).astype(np.uint64)
            words[0] = row << np.uint64(32) | words[0] & np.uint64(0xFFFFFFFF)
            _add(index, codes, PackedStrings(words, codes.fresh_keys.counts))


def _add(index: KeyIndex, codes: Codes, keys: PackedStrings) -> None:
    """Give the index the keys that got a row, in the order of their rows, which it numbers the same way."""
    opened = np.flatnonzero(codes.fresh_rows)
    opened = opened[np.argsort(codes.fresh_rows[opened])]
    if len(opened):
        rows = index.append(keys.take(opened))
        if not np.array_equal(rows, codes.fresh_rows[opened]):
            raise AssertionError("a table and its index disagree about a row")
