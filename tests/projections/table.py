"""Text tables of examples: one event a line, with what becomes of it, for any implementation of the domain.

    rules generous.toml
    SaldoCredited p1 2020-05-01 amount=3_000_000

    # the price leaves the balance
    CoursePurchased p1 2020-05-02T10:00 price=1_000_000 => accepted | spent+=1_000_000 balance=2_000_000
    CoursePurchased p1 2020-05-31+1us order_id=o2       => rejected previous_course_open

- `# a sentence` begins a section, which is one test. Lines before the first section apply to every section.
- A line is: type, beneficiary_id, occurred_at, own fields, then `=>` outcome, reason or newly raised flags, `|` facts.
  An indented line continues the one before. `;` begins a remark. Without `=>` the event only must be accepted.
- A time is ISO 8601, in Asia/Jakarta if it names no offset, moved by any of `+30d`, `-1h`, `+59m`, `-1us`.
- A field left out has its value in DEFAULTS; publisher_id is the platform or the programme; event_id is the line's own.
- A fact `name+=n` or `name-=n` is an effect, and an effect not named is 0; `name=value` is of the wallet afterwards,
  `order.name=value` of the event's order. What is not accepted must change nothing: that needs no fact.
- `rules FILE` takes another rules file, from the tables' folder.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.model import RULES_FILE, Order, Result, Wallet
from tests.model.state import MONEY
from tests.projections.table_values import TableError, read_event, read_state

TABLES = Path(__file__).parent / "tables"

Event = dict[str, object]
Outcomes = tuple[Sequence[Result], Mapping[str, Wallet], Mapping[tuple[str, str, str], Order]]
Run = Callable[[Sequence[Event]], Outcomes]
"""Applies events to an empty state: a result for each, then the wallets and the orders as they are at the end."""


@dataclass(frozen=True)
class Line:
    """One event, and what is expected of it. `outcome` is empty where the event only must be accepted."""

    where: str
    event: Event
    outcome: str = ""
    reason: str = ""
    flags: tuple[str, ...] = ()
    effects: tuple[tuple[str, int], ...] = ()
    wallet: tuple[tuple[str, object], ...] = ()
    order: tuple[tuple[str, object], ...] = ()

    @property
    def order_key(self) -> tuple[str, str, str]:
        """The key of the event's order."""
        return (str(self.event["beneficiary_id"]), str(self.event["platform_id"]), str(self.event["order_id"]))

    def differences(self, result: Result, wallet: Wallet | None, order: Order | None) -> Iterator[str]:
        """What is not as expected, in words."""
        verdict = (result.outcome, result.reason)
        if verdict != (self.outcome or "accepted", self.reason):
            yield f"{' '.join(verdict).strip()}, expected {self.outcome or 'accepted'} {self.reason}".strip()
        if not self.outcome:
            return
        if tuple(result.flags) != self.flags:
            yield f"raised flags {list(result.flags)}, expected {list(self.flags)}"
        for name in MONEY:
            expected, actual = dict(self.effects).get(name, 0), getattr(result.effects, name)
            if actual != expected:
                yield f"changed {name} by {actual}, expected {expected}"
        for prefix, owner, facts in (("", wallet, self.wallet), ("order.", order, self.order)):
            for name, fact in facts:
                state = getattr(owner, name, "missing")
                if state != fact:
                    yield f"{prefix}{name} is {state!r}, expected {fact!r}"


@dataclass(frozen=True)
class Case:
    """One section of a table: a sentence about behaviour, the rules file it holds under, and its lines."""

    table: str
    sentence: str
    rules: Path
    lines: tuple[Line, ...]

    @property
    def id(self) -> str:
        """The name of its test."""
        return f"{self.table}: {self.sentence}"

    @property
    def types(self) -> frozenset[str]:
        """The event types it uses."""
        return frozenset(str(line.event["type"]) for line in self.lines)

    def check(self, run: Run) -> None:
        """Hold an implementation to it: every line, after all lines before it. Raises AssertionError."""
        before: tuple[object, object] = ({}, {})
        for count, line in enumerate(self.lines, start=1):
            results, wallets, orders = run([line.event for line in self.lines[:count]])
            wallet = wallets.get(str(line.event["beneficiary_id"]))
            order = orders.get(line.order_key) if "order_id" in line.event else None
            faults = list(line.differences(results[count - 1], wallet, order))
            after = (dict(wallets), dict(orders))
            if results[count - 1].outcome != "accepted" and after != before:
                faults.append(f"{results[count - 1].outcome}, but wallets or orders changed")
            if faults:
                raise AssertionError(f"{line.where}: {line.event['type']}: {'; '.join(faults)}")
            before = after


def cases() -> list[Case]:
    """The sections of all tables."""
    return [case for path in sorted(TABLES.glob("*.txt")) for case in read_table(path)]


def read_table(path: Path) -> list[Case]:
    """The sections of a table file. Raises TableError where it cannot be read."""
    beginning = Case(path.stem, "", RULES_FILE, ())
    sections: list[Case] = []
    for where, text in _joined(path):
        current = sections[-1] if sections else beginning
        if text.startswith("#"):
            sections.append(replace(beginning, sentence=text.lstrip("# ")))
            continue
        if text.startswith("rules "):
            current = replace(current, rules=path.parent / text.removeprefix("rules ").strip())
            if not current.rules.is_file():
                raise TableError(where, f"there is no rules file {current.rules.name}")
        else:
            current = replace(current, lines=(*current.lines, _line(where, text)))
        if sections:
            sections[-1] = current
        else:
            beginning = current
    return sections


def _joined(path: Path) -> Iterator[tuple[str, str]]:
    """Where and what: the lines without remarks, each with its continuations."""
    pending: tuple[str, str] | None = None
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not text.strip() or text.startswith(";"):
            continue
        if text[0].isspace() and pending:
            pending = (pending[0], f"{pending[1]} {text.strip()}")
            continue
        if pending:
            yield pending
        pending = (f"{path.name}:{number}", text.strip())
    if pending:
        yield pending


def _line(where: str, text: str) -> Line:
    said, arrow, expected = text.partition("=>")
    line = Line(where, read_event(where, said.split()))
    if not arrow:
        return line
    verdict, _, facts = expected.partition("|")
    outcome, *rest = verdict.split() or [""]
    if not {"accepted": True, "duplicate": not rest, "rejected": len(rest) == 1}.get(outcome, False):
        raise TableError(where, f"`{verdict.strip()}` is not an outcome with its reason or flags")
    if outcome == "rejected":
        line = replace(line, outcome=outcome, reason=rest[0])
    else:
        line = replace(line, outcome=outcome, flags=tuple(rest))
    for fact in facts.split():
        line = _with_fact(line, fact)
    return line


def _with_fact(line: Line, fact: str) -> Line:
    effect = re.fullmatch(r"(\w+)([+-])=([\d_]+)", fact)
    if effect:
        name, sign, amount = effect.groups()
        if name not in MONEY:
            raise TableError(line.where, f"`{name}` is no effect")
        return replace(line, effects=(*line.effects, (name, int(sign + amount))))
    name, _, value = fact.partition("=")
    if not name.startswith("order."):
        return replace(line, wallet=(*line.wallet, read_state(line.where, Wallet, name, value)))
    if "order_id" not in line.event:
        raise TableError(line.where, f"{line.event['type']} has no order")
    return replace(line, order=(*line.order, read_state(line.where, Order, name.removeprefix("order."), value)))
