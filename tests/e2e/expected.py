"""What a report of the demonstration must say, by the model."""

import re
from collections import Counter

from dompet.streams.demo.programme import programme_fields
from tests.model import Model, Rulebook


class Expected:
    """What the model says of a programme."""

    def __init__(self, people: int, seed: int) -> None:
        model = Model(Rulebook.load())
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        for type_name, fields in programme_fields(people, seed):
            result = model.apply({"type": type_name, **fields})
            self.outcomes[result.outcome] += 1
            self.reasons[result.reason] += result.outcome == "rejected"
        self.orders = [(platform, order) for (_, platform, _), order in model.orders.items()]
        self.wallets = list(model.wallets.values())

    def platforms(self) -> dict[str, list[int]]:
        """Sold, refunded, completed, commission, net to institutions."""
        numbers: dict[str, list[int]] = {}
        for platform, order in self.orders:
            sums = numbers.setdefault(platform, [0] * 5)
            kept = 0 if order.refunded else order.price - order.commission
            changes = (
                order.price,
                order.price * order.refunded,
                order.completed_at is not None,
                order.commission,
                kept,
            )
            numbers[platform] = [before + change for before, change in zip(sums, changes, strict=True)]
        return numbers

    def waves(self) -> dict[str, list[int]]:
        """Wallets, credited, net spent, returned, remaining."""
        numbers: dict[str, list[int]] = {}
        for one in self.wallets:
            sums = numbers.setdefault(str(one.wave), [0] * 5)
            changes = (1, one.credited, one.spent - one.refunded, one.returned, one.balance)
            numbers[str(one.wave)] = [before + change for before, change in zip(sums, changes, strict=True)]
        return numbers

    def check(self, report: str) -> None:
        """The report says the same, platform by platform, wave by wave, reason by reason."""
        first = ", ".join(f"{number:,} {outcome}" for outcome, number in self.outcomes.most_common())
        assert report.lstrip().startswith(f"{self.outcomes.total():,} events: {first}\n")
        assert numbers_of(report, "Platforms") == with_sums(self.platforms())
        assert numbers_of(report, "Waves") == with_sums(self.waves())
        reasons = {reason: [number] for reason, number in self.reasons.items() if number}
        assert numbers_of(report, "Rejected") == with_sums(reasons)
        assert report.count(" ✓\n") == len(self.waves()) + 1
        assert "✓ to the rupiah; and the wallets are the sums of the journal's effects" in report
        assert "✗" not in report


def with_sums(numbers: dict[str, list[int]]) -> dict[str, list[int]]:
    return {**numbers, "all": [sum(column) for column in zip(*numbers.values(), strict=True)]}


def numbers_of(report: str, title: str) -> dict[str, list[int]]:
    """A table of the report: the numbers of each of its lines, by the line's first word."""
    table = report[report.index(f"\n{title}") :].split("\n\n", maxsplit=1)[0]
    numbers = {}
    for name, *words in filter(None, map(str.split, table.splitlines())):
        if found := [int(re.sub("[.,]", "", word)) for word in words if re.fullmatch(r"\d[\d.,]*", word)]:
            numbers[name] = found
    return numbers
