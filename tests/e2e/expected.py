"""What a report of the demonstration must say, by the model."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.programme import DEFAULT, programme_fields
from tests.model import Model, Result, Rulebook

MOVING = ("CoursePurchased", "PurchaseRefunded", "IncentivePaid", "IncentiveReversed", "ClawbackRepaid")
"""The events that say that money moved outside."""
BACK = {"PurchaseRefunded": "CoursePurchased", "IncentiveReversed": "IncentivePaid"}
"""What moves the same money back, and what it moves back."""
Rejected = dict[tuple[str, ...], tuple[int, bool]]


class Expected:
    """What the model says of a programme."""

    def __init__(self, people: int, seed: int) -> None:
        model = Model(Rulebook.load())
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.rejected: Rejected = {}
        self.taken: set[tuple[str, ...]] = set()
        self.failed: Counter[str] = Counter()
        self.listed = catalogue(seed, DEFAULT)
        for type_name, fields in programme_fields(people, seed):
            result = model.apply({"type": type_name, **fields})
            if type_name in MOVING:
                self._moves(type_name, fields, result)
            if type_name == "IncentivePayoutFailed" and result.outcome == "accepted":
                self.failed[model.wallets[fields["beneficiary_id"]].rules] += fields["amount"]
                self._moves("IncentivePaid", fields, result)
            self.outcomes[result.outcome] += 1
            self.reasons[result.reason] += result.outcome == "rejected"
        self.orders = [(platform, order) for (_, platform, _), order in model.orders.items()]
        self.wallets = list(model.wallets.values())

    def _moves(self, type_name: str, fields: dict[str, Any], result: Result) -> None:
        """Take note of money that moved: the last rejection of each reference, and whether it was accepted since."""
        reference = next(fields[name] for name in ("order_id", "payout_id", "repayment_id") if name in fields)
        key = (type_name, fields["beneficiary_id"], fields.get("platform_id", ""), reference)
        payable = result.reason != "invalid_amount" or 1 <= fields.get("price", 0) <= 10**12
        if result.outcome == "rejected" and result.reason != "not_authorised" and payable:
            self.rejected[key] = (fields.get("price", 0) or fields["amount"], False)
        elif result.outcome == "accepted":
            self.taken.add(key)
            if key in self.rejected:
                self.rejected[key] = (self.rejected[key][0], True)

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

    def funnel(self) -> dict[str, list[int]]:
        """Purchased, redeemed, attended, completed, reviewed."""
        lines = (
            (
                platform,
                [
                    1,
                    order.redeemed_at is not None,
                    order.attended > 0,
                    order.completed_at is not None,
                    order.reviewed_at is not None,
                ],
            )
            for platform, order in self.orders
        )
        return added_up(lines)

    def incentives(self) -> dict[str, list[int]]:
        """People held, due, paid, outstanding, failed."""
        lines = [
            (one.rules, [one.held, one.incentive_due, one.incentive_paid, one.incentive_due - one.incentive_paid, 0])
            for one in self.wallets
        ]
        return added_up(lines + [(rules, [0, 0, 0, 0, amount]) for rules, amount in self.failed.items()])

    def clawbacks(self) -> dict[str, list[int]]:
        """Ordered, repaid, outstanding: of the wallets of which anything was asked back."""
        return added_up(
            (one.status, [one.clawback_ordered, one.clawback_repaid, one.clawback_ordered - one.clawback_repaid])
            for one in self.wallets
            if one.clawback_ordered
        )

    def exceptions(self) -> dict[str, list[int]]:
        """Cases, what moved, what of it was settled later, what not. What was moved and moved back is one case."""
        return added_up(
            (key[0], [1, amount, amount * settled, amount * (not settled)])
            for key, (amount, settled) in self.rejected.items()
            if not self._is_part_of_another(key)
        )

    def _is_part_of_another(self, key: tuple[str, ...]) -> bool:
        """Whether it moved back what an event moved that was rejected, and never accepted."""
        forth = (BACK.get(key[0], ""), *key[1:])
        return forth in self.rejected and forth not in self.taken

    def doubtful_sales(self) -> dict[str, list[int]]:
        """Sales, and what was paid: by the only listing of each course."""
        courses = {course.course_id: course for course in self.listed.courses}
        owner = {one.institution_id: one.owner_platform_id for one in self.listed.institutions}
        lines = []
        for platform, order in self.orders:
            course = courses[order.course_id]
            outside = course.outside_price
            judged = {
                "price_above_listed": order.price > course.price,
                "price_above_outside": outside is not None and order.price > outside,
                "free_elsewhere": course.free_elsewhere,
                "same_owner": owner[order.institution_id] == platform,
            }
            lines += [(judgement, [1, order.price]) for judgement, holds in judged.items() if holds]
        return added_up(lines)

    def check(self, report: str) -> None:
        """The report says the same, platform by platform, wave by wave, reason by reason."""
        first = ", ".join(f"{number:,} {outcome}" for outcome, number in self.outcomes.most_common())
        assert report.lstrip().startswith(f"{self.outcomes.total():,} events: {first}\n")
        assert numbers_of(report, "Platforms") == with_sums(self.platforms())
        assert numbers_of(report, "Waves") == with_sums(self.waves())
        assert numbers_of(report, "Orders") == with_sums(self.funnel())
        assert numbers_of(report, "Incentives") == with_sums(self.incentives())
        clawbacks = {name: numbers[1:] for name, numbers in numbers_of(report, "Clawbacks").items()}
        assert clawbacks == with_sums(self.clawbacks())
        assert numbers_of(report, "Exceptions") == with_sums(self.exceptions())
        assert numbers_of(report, "Doubtful sales") == self.doubtful_sales()
        reasons = {reason: [number] for reason, number in self.reasons.items() if number}
        assert numbers_of(report, "Rejected") == with_sums(reasons)
        assert report.count(" ✓\n") == len(self.waves()) + 1
        assert "✓ to the rupiah; and the wallets are the sums of the journal's effects" in report
        assert "✓ paid ≤ due in every wallet; and both are the sums of the journal's effects" in report
        assert "✓ of no clawback is more repaid than ordered" in report
        assert "✗" not in report


def added_up(lines: Iterable[tuple[str, Sequence[int]]]) -> dict[str, list[int]]:
    """The numbers of all lines of one name, column by column."""
    sums: dict[str, list[int]] = {}
    for name, numbers in lines:
        before = sums.get(name, [0] * len(numbers))
        sums[name] = [one + other for one, other in zip(before, numbers, strict=True)]
    return sums


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
