"""The documented example on the real data, from CSV to the `orders` view; what must come out is counted with pandas."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from confluent_kafka.admin import AdminClient

from tests.support.command import Ran, dompet
from tests.support.logs import made_log
from tests.support.pipelines import SettingsMaker
from tests.support.warehouses import empty_warehouse, opened, rows_of
from tests.support.workers import run_to_end, variables

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data" / "oulad"
EXAMPLE = ROOT / "infra" / "examples" / "oulad"
MODULE = ["code_module", "code_presentation"]
REGISTRATION = [*MODULE, "id_student"]
PRICES = {"AAA": 900_000, "BBB": 650_000, "DDD": 750_000, "EEE": 800_000, "FFF": 600_000, "GGG": 500_000}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Open University's data is not beside the checkout")


@dataclass(frozen=True)
class Outcome:
    """The first import, the second, and the warehouse's rows after both."""

    first: Ran
    second: Ran
    orders: list[dict[str, Any]]
    journal: list[dict[str, Any]]
    sums: dict[str, int]


@pytest.fixture(scope="module")
def outcome(kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker) -> Iterator[Outcome]:
    """The example imported, folded under its own rules, imported once more and folded again."""
    with made_log(kafka_admin) as topic, empty_warehouse("embedded", "") as url:
        settings = settings_for(topic, url, rules=EXAMPLE / "rules.toml")
        files = sorted(map(str, DATA.glob("*.csv")))
        runs = []
        for _ in range(2):
            ran = dompet(
                "import", str(EXAMPLE / "mapping.toml"), *files, cwd=settings.home, variables=variables(settings)
            )
            run_to_end(settings)
            runs.append(ran)
        with opened(url) as warehouse:
            orders = rows_of(warehouse, "SELECT * FROM orders")
            journal = rows_of(
                warehouse,
                "SELECT type, outcome, reason, count() AS events, uniqExact(event_id) AS ids FROM journal"
                " GROUP BY type, outcome, reason",
            )
            wallets = (
                "SELECT count() AS people, sum(credited) AS credited, sum(spent) AS spent, sum(refunded) AS refunded"
            )
            sums = rows_of(warehouse, f"{wallets}, sum(balance) AS balance FROM wallets")[0]
            dead = rows_of(warehouse, "SELECT count() AS n FROM dead_letters")[0]["n"]
        yield Outcome(runs[0], runs[1], orders, journal, sums | {"dead": dead})


@pytest.fixture(scope="module")
def enrolments() -> pd.DataFrame:
    """A row for each registration: whether its order is sold, completed and refunded, and its price."""
    rows = pd.read_csv(DATA / "studentRegistration.csv").merge(pd.read_csv(DATA / "studentInfo.csv"), on=REGISTRATION)
    first_day = pd.to_datetime(rows.code_presentation.str[:4] + "-10-01")
    assert rows.code_presentation.str.endswith("J").all()
    day = first_day + pd.to_timedelta(rows.date_registration, unit="D")
    first = day.groupby(rows.id_student).transform("min")
    rows["sold"] = day.dt.year == first.dt.year  # the balance is of the year of the first registration
    rows["passed"] = rows.final_result.isin(["Pass", "Distinction"])
    rows["left"] = rows.date_unregistration.notna() & ~rows.passed
    rows["completed"] = rows.sold & rows.passed
    rows["refunded"] = rows.sold & rows.left & (rows.date_unregistration >= rows.date_registration)
    rows["price"] = rows.code_module.map(PRICES)
    return rows


@pytest.fixture(scope="module")
def submissions(enrolments: pd.DataFrame) -> pd.DataFrame:
    """A row for each submission that was not carried over: its session, and whether it can be attendance."""
    assessments = pd.read_csv(DATA / "assessments.csv").sort_values([*MODULE, "date"], kind="stable")
    assessments["session"] = assessments.groupby(MODULE).cumcount() + 1
    rows = pd.read_csv(DATA / "studentAssessment.csv").merge(assessments, on="id_assessment")
    rows = rows[rows.is_banked == 0].merge(enrolments, on=REGISTRATION)
    rows["after_refund"] = rows.refunded & (rows.date_submitted > rows.date_unregistration)
    rows["attended"] = rows.sold & ~rows.after_refund & (rows.date_submitted >= rows.date_registration)
    return rows


def order_id(row: Any) -> str:
    return f"{row.code_module}/{row.code_presentation}/{row.id_student}"


def test_both_imports_end_well_and_publish_the_same_events(outcome: Outcome) -> None:
    assert (outcome.first.code, outcome.second.code) == (0, 0), outcome.first.err + outcome.second.err
    assert "published 69,286 events" in outcome.first.err
    assert "published 69,286 events" in outcome.second.err
    assert sum(row["events"] for row in outcome.journal) == 2 * 69_286
    assert outcome.sums["dead"] == 0


def test_every_registration_within_the_year_of_the_credit_is_an_order(
    outcome: Outcome, enrolments: pd.DataFrame
) -> None:
    assert {row["order_id"] for row in outcome.orders} == {
        order_id(row) for row in enrolments[enrolments.sold].itertuples()
    }


def test_withdrawals_are_refunds_and_passes_are_completions(outcome: Outcome, enrolments: pd.DataFrame) -> None:
    refunded, completed, sold = (int(enrolments[name].sum()) for name in ("refunded", "completed", "sold"))
    assert min(refunded, completed) > 0
    assert Counter(row["state"] for row in outcome.orders) == {
        "refunded": refunded,
        "completed": completed,
        "purchased": sold - refunded - completed,
    }


def test_every_submission_is_a_session_attended(outcome: Outcome, submissions: pd.DataFrame) -> None:
    sessions: dict[str, set[int]] = {row["order_id"]: set() for row in outcome.orders}
    for row in submissions[submissions.attended].itertuples():
        sessions[order_id(row)].add(row.session)
    for row in outcome.orders:  # one by one: of thousands of orders nobody reads the difference
        expected = sorted(sessions[row["order_id"]])
        assert (row["order_id"], row["attended"], row["sessions"]) == (row["order_id"], expected, expected)


def test_who_passed_on_carried_over_results_alone_completed_without_attendance(
    outcome: Outcome, enrolments: pd.DataFrame, submissions: pd.DataFrame
) -> None:
    attended = {order_id(row) for row in submissions[submissions.attended].itertuples()}
    completed = {order_id(row) for row in enrolments[enrolments.completed].itertuples()}
    flagged = {row["order_id"] for row in outcome.orders if "completed_without_attendance" in row["flags"]}
    assert flagged == completed - attended


def test_the_money_is_that_of_the_orders(outcome: Outcome, enrolments: pd.DataFrame) -> None:
    people = enrolments.id_student.nunique()
    spent, refunded = (int(enrolments[enrolments[name]].price.sum()) for name in ("sold", "refunded"))
    assert outcome.sums == {
        "people": people,
        "credited": 2_000_000 * people,
        "spent": spent,
        "refunded": refunded,
        "balance": 2_000_000 * people - spent + refunded,
        "dead": 0,
    }


def test_what_was_rejected_is_what_the_rules_forbid(
    outcome: Outcome, enrolments: pd.DataFrame, submissions: pd.DataFrame
) -> None:
    late = enrolments[~enrolments.sold]
    expected = {
        ("CoursePurchased", "after_spend_by"): len(late),
        ("CourseCompleted", "unknown_order"): int(late.passed.sum()),
        ("AttendanceRecorded", "unknown_order"): int((~submissions.sold).sum()),
        ("AttendanceRecorded", "order_refunded"): int(submissions.after_refund.sum()),
    }
    rejected = {(row["type"], row["reason"]): row for row in outcome.journal if row["outcome"] == "rejected"}
    # Each was said twice, by the same event.
    assert {which: row["ids"] for which, row in rejected.items()} == expected
    assert {which: row["events"] for which, row in rejected.items()} == {which: 2 * n for which, n in expected.items()}


def test_the_second_import_says_only_what_was_said(outcome: Outcome) -> None:
    accepted = {row["type"]: row["events"] for row in outcome.journal if row["outcome"] == "accepted"}
    duplicate = {row["type"]: row["events"] for row in outcome.journal if row["outcome"] == "duplicate"}
    assert duplicate == accepted
