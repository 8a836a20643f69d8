"""A wallet as of any moment, on either clock: the sums of the model's effects, and the state that the model was in."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from dompet.streams.answers.wallet import AsOf, timeline_sql, wallet_of, wallet_sql
from dompet.streams.parsing.moments import since_us, until_us
from dompet.streams.warehouse import Warehouse
from tests.model import Model, Rulebook
from tests.model.events import Event
from tests.model.state import MONEY
from tests.support.crowd import crowd
from tests.support.folding import PARTITIONS, Folding, Modelling, Row, records
from tests.support.stored import as_wallets, folded, jakarta_day, moment, second, shown, store, types_of, yes_no

DOCS: Final = Path(__file__).parents[3] / "docs" / "answers.md"
FAR: Final = 2**62
OPENED: Final = ("rules", "wave", "decree")
"""What the first credit settles for good."""


def counts(accepted: list[Row]) -> dict[str, Any]:
    """What accepted events add up to, beside money."""
    types = Counter(row["type"] for row in accepted)
    surveys = {row["survey_no"] for row in accepted if row["type"] == "SurveySubmitted"}
    return {
        "credits": types["SaldoCredited"],
        "purchases": types["CoursePurchased"],
        "open_orders": types["CoursePurchased"] - types["CourseCompleted"] - types["PurchaseRefunded"],
        "payout_failures": types["IncentivePayoutFailed"],
        "surveys": sorted(surveys),
    }


@dataclass(frozen=True)
class Reported:
    """The events, each with the journal's row as the model has it."""

    rows: list[Row]
    model: Model

    def of(self, person: str, happened_us: int = FAR, known_us: int = FAR) -> list[Row]:
        """A person's rows up to two moments, in the log's order."""
        return [
            row
            for row in self.rows
            if row["beneficiary_id"] == person
            and row["occurred_at_us"] <= happened_us
            and row["recorded_at_us"] <= known_us
        ]

    def wallet(self, person: str, happened_us: int = FAR, known_us: int = FAR) -> Row | None:
        """The wallet as of two moments."""
        accepted = [row for row in self.of(person, happened_us, known_us) if row["outcome"] == "accepted"]
        if not accepted:
            return None
        sums = {name: sum(row[f"{name}_change"] for row in accepted) for name in MONEY}
        last = accepted[-1]
        made = [row["status_after"] for row in accepted if row["type"] in ("SaldoRevoked", "BeneficiarySanctioned")]
        entitled, held = (self._first(person, name) in accepted for name in ("entitled_after", "held_after"))
        return {
            "beneficiary_id": person,
            **{name: last[f"{name}_after"] for name in OPENED},
            "status": made[-1] if made else "active",
            "entitled": yes_no(entitled),
            "held": yes_no(held and not entitled),
            **{name: moment(last[f"{name}_after_us"]) for name in ("first_purchase_due", "spend_by")},
            **{f"{name}_on": jakarta_day(last[f"{name}_after_us"]) for name in ("first_purchase_due", "spend_by")},
            **counts(accepted),
            **sums,
            "balance": sums["credited"] - sums["spent"] + sums["refunded"] - sums["returned"],
        }

    def differing(self, person: str, happened_us: int, known_us: int = FAR) -> set[str]:
        """In what the last of these events left the wallet otherwise than their effects make it, for it came late."""
        wallet = self.wallet(person, happened_us, known_us)
        if wallet is None:
            return set()
        rows = self.of(person, happened_us, known_us)
        last = next(row for row in reversed(rows) if row["outcome"] == "accepted")
        left = {
            "status": last["status_after"],
            **{name: yes_no(last[f"{name}_after"]) for name in ("entitled", "held")},
        }
        return {name for name in left if wallet[name] != left[name]}

    def _first(self, person: str, name: str) -> Row | None:
        """The event that first made the wallet so, whenever it happened."""
        return next((row for row in self.of(person) if row["outcome"] == "accepted" and row[name]), None)


@pytest.fixture(scope="module")
def reported() -> Reported:
    events: list[Event] = crowd(16, 4)
    model = Model(Rulebook.load())
    return Reported(Modelling(model).rows(events), model)


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Iterator[Warehouse]:
    """The same events, stored twice, in other pieces the second time."""
    events, folding = crowd(16, 4), Folding()
    tables = [folded(folding, records(events[at : at + 200], at))[0] for at in range(0, len(events), 200)]
    store(shared_warehouse, [*tables, *(one.slice(at, 100) for one in tables for at in (100, 0))])
    yield shared_warehouse


def people(reported: Reported) -> list[str]:
    return sorted({row["beneficiary_id"] for row in reported.rows})


def points(reported: Reported, person: str) -> list[tuple[int, int]]:
    """Pairs of moments at which something changes for the person, and beside them."""
    rng, rows = Random(person), reported.of(person)
    happened = sorted({row["occurred_at_us"] + near for row in rows for near in (0, -1)})
    known = sorted({row["recorded_at_us"] + near for row in rows for near in (0, -1)})
    late = {name: (at, FAR) for at in happened for name in reported.differing(person, at)}
    return [(FAR, FAR), *late.values(), *((rng.choice((*happened, FAR)), rng.choice((*known, FAR))) for _ in range(3))]


def test_now_every_wallet_is_that_of_the_view(warehouse: Warehouse, reported: Reported) -> None:
    expected = as_wallets(reported.model, types_of(warehouse, "wallets"))
    assert expected
    for wallet in expected:
        assert shown(warehouse, wallet_sql(AsOf(wallet["beneficiary_id"]))) == [wallet]


def test_the_columns_are_those_of_the_view_in_its_order(warehouse: Warehouse, reported: Reported) -> None:
    made = types_of(warehouse, f"({wallet_sql(AsOf('p'))})")
    assert list(made) == list(types_of(warehouse, "wallets"))


def test_as_of_any_moment_on_either_clock_a_wallet_is_the_sum_of_the_effects(
    warehouse: Warehouse, reported: Reported
) -> None:
    negative = 0
    differing: set[str] = set()
    for person in people(reported):
        for happened_us, known_us in points(reported, person):
            expected = reported.wallet(person, happened_us, known_us)
            found = wallet_of(warehouse.answer, AsOf(person, happened_us, known_us))
            assert found == expected, (person, happened_us, known_us)
            negative += bool(expected and expected["balance"] < 0)
            differing |= reported.differing(person, happened_us, known_us)
    assert negative and differing == {"status", "entitled", "held"}


def test_who_is_looked_for_in_the_own_partition_is_found_there_alone(warehouse: Warehouse, reported: Reported) -> None:
    row = next(row for row in reported.rows if row["outcome"] == "accepted")
    person, partition = row["beneficiary_id"], row["partition"]
    assert wallet_of(warehouse.answer, AsOf(person, partition=partition)) == reported.wallet(person)
    assert wallet_of(warehouse.answer, AsOf(person, partition=(partition + 1) % PARTITIONS)) is None


@pytest.mark.parametrize("person", ["nobody", "it's \\ {where} %(where)s", "-- \n"])
def test_a_person_who_is_not_there_has_no_wallet(warehouse: Warehouse, reported: Reported, person: str) -> None:
    assert wallet_of(warehouse.answer, AsOf(person)) is None


def test_the_timeline_reports_every_event_its_outcome_and_the_balance_after(
    warehouse: Warehouse, reported: Reported
) -> None:
    for person in people(reported):
        for happened_us, known_us in points(reported, person)[:2]:
            found = shown(warehouse, timeline_sql(AsOf(person, happened_us, known_us)))
            assert found == [in_timeline(row) for row in reported.of(person, happened_us, known_us)]
    assert any(row["returned_change"] for row in reported.rows if takes_back(row))


def takes_back(row: Row) -> bool:
    """Whether the event takes the balance back, and names no amount."""
    return row["type"] in ("SaldoRevoked", "BeneficiarySanctioned")


def in_timeline(row: Row) -> dict[str, Any]:
    signs: tuple[tuple[str, Callable[[int], int]], ...] = (
        ("credited", lambda n: n), ("spent", lambda n: -n), ("refunded", lambda n: n), ("returned", lambda n: -n)
    )  # fmt: skip
    same = ("type", "publisher_id", "platform_id", "order_id", "outcome", "reason", "balance_after", "status_after")
    return {
        **{name: row[name] for name in same},
        **{f"{clock}_at": second(row[f"{clock}_at_us"]) for clock in ("occurred", "recorded")},
        **{f"{clock}_on": jakarta_day(row[f"{clock}_at_us"]) for clock in ("occurred", "recorded")},
        "amount": row["returned_change"] if takes_back(row) else row["price"] or row["amount"],
        "balance_change": sum(sign(row[f"{name}_change"]) for name, sign in signs),
    }


def test_the_docs_show_the_query_that_the_command_asks() -> None:
    happened_us, known_us = until_us("--as-of", "2020-09-30"), until_us("--known-at", "2020-10-15")
    assert f"```sql\n{wallet_sql(AsOf('b-7f3a90c2', happened_us, known_us))}```" in DOCS.read_text("utf-8")


def test_a_day_means_its_end_or_its_beginning_in_jakarta() -> None:
    midnight = 1_601_485_200_000_000  # 2020-09-30T17:00:00Z
    assert until_us("--as-of", "2020-09-30") == midnight - 1
    assert since_us("--since", "2020-10-01") == midnight == since_us("--since", "2020-10-01T00:00:00+07:00")
