"""Settlement: every sum is the journal's by the model, closed periods stay as they were issued, and what comes later
is in the next statement.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from dompet.streams.settlement.files import check_target, written
from dompet.streams.settlement.lines import NUMBERS, Party, SettlementError, sums
from dompet.streams.settlement.period import Period, PeriodError, now_us
from dompet.streams.settlement.statements import Issued, Settlement, issue, issued, settle
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.known import Unknown
from tests.model.events import Event
from tests.support.crowd import crowd
from tests.support.ledger import Ledger
from tests.support.sales import Key, Sums, by_the_model, person, refund
from tests.support.stored import delete, shown
from tests.support.warehouses import rows_of

ALL = Period.parsed("2000-01-01", "2100-01-01")
APRIL, MAY = Period.parsed("2020-04-01", "2020-04-30"), Period.parsed("2020-05-01", "2020-05-31")
TOKO = Party("platform", "toko")


def lines_by_key(lines: pa.Table) -> dict[Key, Sums]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return {
        (str((epoch + timedelta(days=row["day"])).date()), row["platform_id"], row["institution_id"]): {
            name: row[name] for name in NUMBERS
        }
        for row in lines.to_pylist()
    }


def added(parts: Iterable[Sums]) -> Sums:
    total = Counter[str]()
    for part in parts:
        total.update(part)
    return {name: total[name] for name in NUMBERS}


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return crowd(6, 60)


@pytest.fixture(scope="module")
def crowded(shared_warehouse: Warehouse, events: list[Event]) -> Ledger:
    """A ledger of many people's events, reported in pieces."""
    ledger = Ledger(shared_warehouse)
    for begin in range(0, len(events), 700):
        ledger.store(events[begin : begin + 700])
    return ledger


@pytest.fixture
def ledger(warehouse: Warehouse) -> Ledger:
    return Ledger(warehouse)


def issued_now(ledger: Ledger, period: Period, party: Party = TOKO) -> Settlement:
    found = settle(ledger, party, period)
    issue(ledger, found, now_us())
    return found


def test_the_view_is_what_the_model_says_of_each_day(crowded: Ledger, events: list[Event]) -> None:
    expected = by_the_model(events)
    found = {
        (row["day"], row["platform_id"], row["institution_id"]): {name: int(row[name]) for name in NUMBERS}
        for row in shown(crowded.warehouse, "SELECT * FROM settlement")
    }
    assert found == expected
    assert sum(line["refunds"] for line in expected.values()) > 5
    assert len({day for day, _, _ in expected}) > 10


@pytest.mark.parametrize("party", [Party("platform", "a1"), Party("institution", "i2"), Party("platform", "none")])
@pytest.mark.parametrize("period", [ALL, Period.parsed("2020-05-02", "2023-03-04")])
def test_a_settlement_holds_the_partys_lines_of_the_period(
    crowded: Ledger, events: list[Event], party: Party, period: Period
) -> None:
    expected = {
        key: line
        for key, line in by_the_model(events).items()
        if str(period.first) <= key[0] <= str(period.last) and key[1 if party.kind == "platform" else 2] == party.id
    }
    found = settle(crowded, party, period)
    assert lines_by_key(found.lines) == expected
    assert sums(found.lines) == added(expected.values())
    assert set(found.lines["kind"].to_pylist()) <= {"period"}


def test_a_day_begins_at_midnight_in_jakarta(ledger: Ledger) -> None:
    late, early = person(1, "2020-04-29"), person(2, "2020-04-30")
    late[1]["occurred_at"] = int(datetime.fromisoformat("2020-04-30T16:59:59+00:00").timestamp() * 1_000_000)
    early[1]["occurred_at"] = int(datetime.fromisoformat("2020-04-30T17:00:00+00:00").timestamp() * 1_000_000)
    ledger.store(late + early)
    days = rows_of(ledger.warehouse, "SELECT toString(day) AS day, sales FROM settlement ORDER BY day")
    assert days == [{"day": "2020-04-30", "sales": 1}, {"day": "2020-05-01", "sales": 1}]


def test_what_comes_after_a_period_was_closed_is_an_adjustment_in_the_next_statement(ledger: Ledger) -> None:
    reported = person(1, "2020-04-10") + person(2, "2020-04-11")
    ledger.store(reported)
    first = issued_now(ledger, APRIL)
    late = [*person(3, "2020-04-12"), refund(1, "2020-04-20"), *person(4, "2020-05-02")]
    ledger.store(late)
    second = issued_now(ledger, MAY)
    third = issued_now(ledger, Period.parsed("2020-06-01", "2020-06-30"))
    assert lines_by_key(first.statement).keys() == {("2020-04-10", "toko", "i"), ("2020-04-11", "toko", "i")}
    assert lines_by_key(second.lines).keys() == {("2020-05-02", "toko", "i")}
    assert lines_by_key(second.adjustments).keys() == {("2020-04-12", "toko", "i"), ("2020-04-20", "toko", "i")}
    assert third.statement.num_rows == 0
    stored = rows_of(ledger.warehouse, "SELECT kind, toString(day) AS day FROM statement_lines ORDER BY kind, day")
    assert [(row["kind"], row["day"]) for row in stored] == [
        ("adjustment", "2020-04-12"), ("adjustment", "2020-04-20"),
        ("period", "2020-04-10"), ("period", "2020-04-11"), ("period", "2020-05-02"),
    ]  # fmt: skip
    all_lines = pa.concat_tables([first.statement, second.statement])
    assert sums(all_lines) == added(by_the_model(reported + late).values())


def test_all_statements_of_a_party_add_up_to_the_journal_in_whatever_order_they_are_issued(ledger: Ledger) -> None:
    events = crowd(7, 40)
    party, pieces = Party("platform", "a"), []
    periods = [("2020-06-01", "2020-12-31"), ("2000-01-01", "2020-05-03"), ("2020-05-04", "2020-05-31"),
               ("2021-01-01", "2026-01-01")]  # fmt: skip
    for at, period in enumerate(periods):
        ledger.store(events[at * len(events) // 4 : (at + 1) * len(events) // 4])
        pieces.append(issued_now(ledger, Period.parsed(*period), party).statement)
    lines = pa.concat_tables(pieces)
    expected = [line for key, line in by_the_model(events).items() if key[1] == "a" and key[0] <= "2026-01-01"]
    assert sums(lines) == added(expected)
    assert "adjustment" in lines["kind"].to_pylist()
    [stored] = rows_of(
        ledger.warehouse, f"SELECT {', '.join(f'sum({name}) AS {name}' for name in NUMBERS)} FROM statements"
    )
    assert stored == sums(lines)


def test_a_statement_holds_what_the_checkpoints_vouch_for_and_no_more(ledger: Ledger) -> None:
    ledger.store(person(1, "2020-04-10"))
    ledger.store(person(2, "2020-04-11"), known=False)
    assert settle(ledger, TOKO, APRIL).lines["sales"].to_pylist() == [1]
    ledger.store(person(2, "2020-04-11"))
    assert sum(settle(ledger, TOKO, APRIL).lines["sales"].to_pylist()) == 2


def test_a_closed_period_is_not_issued_again_and_neither_is_a_part_of_it(ledger: Ledger) -> None:
    ledger.store(person(1, "2020-04-10"))
    issued_now(ledger, APRIL)
    for period in (APRIL, Period.parsed("2020-04-30", "2020-05-31"), ALL):
        with pytest.raises(SettlementError) as refused:
            issue(ledger, settle(ledger, TOKO, period), now_us() if period is not ALL else 2**62)
        assert str(refused.value).startswith(
            "platform toko: statement 1 has closed 2020-04-01 to 2020-04-30; what came"
        )
    issued_now(ledger, APRIL, Party("institution", "i"))
    assert [one.number for one in issued(ledger, TOKO)] == [1]
    assert settle(ledger, TOKO, APRIL).lines.num_rows == 1


def test_a_period_is_closed_only_after_its_last_day(ledger: Ledger) -> None:
    ledger.store(person(1, "2020-05-10"))
    found = settle(ledger, TOKO, APRIL)
    with pytest.raises(SettlementError, match=r"^2020-04-30 is not over in Asia/Jakarta: a period is closed after"):
        issue(ledger, found, APRIL.micros["end_us"] - 1)
    assert issue(ledger, found, APRIL.micros["end_us"]).number == 1


class Crossed(Ledger):
    """A ledger in which something happens right before a statement counts as issued."""

    meanwhile: Callable[[], object] | None = None

    def insert(self, table: str, rows: pa.Table) -> None:
        if table == "statement_rows" and self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        super().insert(table, rows)


def test_of_two_that_are_issued_at_the_same_moment_one_counts(warehouse: Warehouse) -> None:
    ledger = Crossed(warehouse)
    ledger.store(person(1, "2020-04-10"))
    one, other = settle(ledger, TOKO, APRIL), settle(ledger, TOKO, APRIL)
    kept: list[Issued] = []
    ledger.meanwhile = lambda: kept.append(issue(ledger, one, now_us() - 1_000_000))
    with pytest.raises(SettlementError, match="another statement was issued at the same moment"):
        issue(ledger, other, now_us())
    [statement] = rows_of(ledger.warehouse, "SELECT statement_id, lines, sold FROM statements")
    assert statement == {"statement_id": kept[0].statement_id, "lines": 1, "sold": 100_000}
    assert rows_of(ledger.warehouse, "SELECT toInt64(count()) AS n FROM statement_lines") == [{"n": 1}]


def test_sums_that_are_not_the_journals_are_refused(ledger: Ledger) -> None:
    ledger.store(person(1, "2020-04-10"))
    settle(ledger, TOKO, APRIL)
    delete(ledger.warehouse, "step_rows", "1")
    with pytest.raises(
        SettlementError, match=r"^sales of platform toko from 2020-04-01 to 2020-04-30 is 0 in step_rows"
    ):
        settle(ledger, TOKO, APRIL)


@pytest.mark.parametrize("name", ["lines.csv", "lines.parquet"])
def test_a_file_holds_every_line_with_its_day(ledger: Ledger, tmp_path: Path, name: str) -> None:
    ledger.store(person(1, "2020-04-10") + person(2, "2020-04-11"))
    lines = settle(ledger, TOKO, APRIL).lines
    with written(tmp_path / name, lines):
        pass
    read = csv.read_csv(tmp_path / name) if name.endswith("csv") else parquet.read_table(tmp_path / name)
    assert [str(day) for day in read["day"].to_pylist()] == ["2020-04-10", "2020-04-11"]
    assert read.drop_columns(["day"]).to_pylist() == lines.drop_columns(["day"]).to_pylist()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_whose_statement_was_not_issued_is_not_left_behind(tmp_path: Path) -> None:
    lines = pa.table({"day": [1]})
    with pytest.raises(SettlementError), written(tmp_path / "lines.csv", lines):
        raise SettlementError("refused")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lines.xls", "lines.xls: a settlement is written as .csv or .parquet"),
        ("made.csv", "made.csv is a folder: a settlement is written to a file"),
        ("none/lines.csv", "none/lines.csv: there is no folder none"),
    ],
)
def test_what_cannot_be_a_file_is_refused_before_anything_is_issued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("made.csv").mkdir()
    with pytest.raises(SettlementError) as refused:
        check_target(Path(name))
    assert str(refused.value) == sentence


@pytest.mark.parametrize("wrong", ["", "p" * 65, "to\nko"])
def test_a_party_that_no_event_can_name_is_refused(wrong: str) -> None:
    with pytest.raises(SettlementError, match=r"^--platform "):
        Party("platform", wrong).check()


def test_of_two_who_settle_at_once_the_one_who_issues_last_is_refused(ledger: Ledger) -> None:
    ledger.store(person(1, "2020-04-10") + person(2, "2020-05-02"))
    slow, began = settle(ledger, TOKO, MAY), now_us()
    first = issued_now(ledger, APRIL)
    with pytest.raises(SettlementError, match=r"^platform toko: another statement was issued meanwhile: try again$"):
        issue(ledger, slow, began)
    assert rows_of(ledger.warehouse, "SELECT number, sold FROM statements") == [
        {"number": 1, "sold": sums(first.statement)["sold"]}
    ]


def test_adjustments_that_are_not_the_journals_are_refused(ledger: Ledger) -> None:
    ledger.store(person(1, "2020-04-10"))
    issued_now(ledger, APRIL)
    ledger.store(person(2, "2020-04-11"))
    settle(ledger, TOKO, MAY)
    delete(ledger.warehouse, "step_rows", "day = '2020-04-11'")
    with pytest.raises(SettlementError, match=r"^sales of platform toko reported later of closed periods is 0 "):
        settle(ledger, TOKO, MAY)


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2020-04-31", "2020-05-01", "--from '2020-04-31' is no day from 2000-01-01 to 2100-01-01, written as "),
        ("2020-04-01", "20200501", "--to '20200501' is no day"),
        ("1999-12-31", "2020-05-01", "--from '1999-12-31' is no day"),
        ("2020-05-02", "2020-05-01", "--from 2020-05-02 is after --to 2020-05-01"),
    ],
)
def test_what_is_no_period_is_one_sentence(first: str, last: str, sentence: str) -> None:
    with pytest.raises(PeriodError) as refused:
        Period.parsed(first, last)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(("kind", "name", "near"), [("platform", "tokko", "'toko'"), ("institution", "I", "'i'")])
def test_a_period_of_a_party_that_nothing_names_is_not_closed(
    ledger: Ledger, kind: Literal["platform", "institution"], name: str, near: str
) -> None:
    ledger.store(person(1, "2020-04-10"))
    party = Party(kind, name)
    with pytest.raises(Unknown) as refused:
        issue(ledger, settle(ledger, party, APRIL), now_us())
    sentence = f"no {kind} '{name}' is known, by any event or the catalogue; the nearest is {near}"
    assert str(refused.value) == sentence
    assert issued(ledger, party) == []


def test_no_text_of_a_statement_is_a_formula(tmp_path: Path, ledger: Ledger) -> None:
    ledger.store(
        [{**event, **({"institution_id": "=1+1"} if "order_id" in event else {})} for event in person(1, "2020-04-10")]
    )
    found = settle(ledger, TOKO, APRIL)
    for name in ("a.csv", "a.parquet"):
        with written(tmp_path / name, found.lines):
            pass
    assert csv.read_csv(tmp_path / "a.csv")["institution_id"].to_pylist() == ["'=1+1"]
    assert parquet.read_table(tmp_path / "a.parquet")["institution_id"].to_pylist() == ["=1+1"]
