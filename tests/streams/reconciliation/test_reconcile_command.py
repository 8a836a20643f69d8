"""Reconciliation: each line of theirs and of ours has one status, and both sides add up."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.streams.parsing.unpacked import BadLine
from dompet.streams.reconciliation import buckets as bucketing
from dompet.streams.reconciliation.mapping import Mapping, MappingError
from dompet.streams.reconciliation.matching import NAMES, Status
from dompet.streams.reconciliation.model import Run
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.reconciliation.run import reconcile
from dompet.streams.settlement.period import Period
from dompet.streams.warehouse import Warehouse
from tests.support.ledger import Ledger
from tests.support.sales import person, refund
from tests.support.stored import shown
from tests.support.warehouses import rows_of

APRIL = Period.parsed("2020-04-01", "2020-04-30")
LAYOUT = {"order_id": "order", "amount": "paid"}


@pytest.fixture
def ledger(warehouse: Warehouse) -> Ledger:
    """Orders o-1 to o-5 of 100,000 sold in April, o-5 refunded in April, and o-6 sold in May."""
    ledger = Ledger(warehouse)
    for number in range(1, 6):
        ledger.store(person(number, "2020-04-10"))
    ledger.store([refund(5, "2020-04-11"), *person(6, "2020-05-01")])
    return ledger


@pytest.fixture(params=[2_000_000, 2])
def bucket_rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """All in one bucket, and in many."""
    monkeypatch.setattr(bucketing, "_ROWS_EACH", request.param)
    yield request.param


def run_of(
    path: Path, text: str, mapping: Mapping | None = None, redemptions: Path | None = None, bank: Path | None = None
) -> Run:
    path.write_text(text)
    made = mapping or Mapping.model_validate({"statement": LAYOUT})
    return Run("toko", APRIL, StatementFile(path, made.statement, APRIL), made, redemptions, bank)


STATEMENT = "order,paid\no-1,100000\no-2,99000\no-3,100000\no-3,100000\no-9,5\no-9,5\no-5,100000\no-5,-100000\n"


def test_every_line_has_a_status_and_both_sides_add_up(ledger: Ledger, tmp_path: Path, bucket_rows: int) -> None:
    run = run_of(tmp_path / "april.csv", STATEMENT)
    reconcile(ledger, run, 1_600_000_000_000_000)
    sums = {status: tuple(vars(one).values()) for status, one in run.sums.items()}
    assert sums == {
        Status.MATCHED: (4, 200_000, 4, 200_000),
        Status.AMOUNT_DIFFERS: (1, 99_000, 1, 100_000),
        Status.ONLY_THEIRS: (1, 5, 0, 0),
        Status.ONLY_OURS: (0, 0, 1, 100_000),
        Status.TWICE_IN_THEIRS: (2, 100_005, 0, 0),
    }
    theirs = [int(line.split(",")[1]) for line in STATEMENT.splitlines()[1:]]
    assert tuple(vars(run.total()).values()) == (8, sum(theirs), 6, 400_000)


def test_the_run_and_its_lines_are_kept(ledger: Ledger, tmp_path: Path, bucket_rows: int) -> None:
    run = run_of(tmp_path / "april.csv", STATEMENT)
    reconcile(ledger, run, 1_600_000_000_000_000)
    [kept] = rows_of(
        ledger.warehouse, "SELECT *, toString(from_day) AS first, toString(at) AS moment FROM reconciliations"
    )
    assert kept["file_sha256"] == hashlib.sha256(STATEMENT.encode()).hexdigest()
    assert (kept["file"], kept["first"], kept["moment"]) == ("april.csv", "2020-04-01", "2020-09-13 12:26:40")
    assert [kept[name] for name in NAMES] == [4, 1, 1, 1, 2]
    lines = shown(ledger.warehouse, "SELECT * FROM reconciliation_lines ORDER BY line IS NULL, line, order_id")
    assert [(row["line"], row["status"], row["order_id"], row["their_amount"], row["our_amount"]) for row in lines] == [
        (2, "matched", "o-1", 100_000, 100_000),
        (3, "amount_differs", "o-2", 99_000, 100_000),
        (4, "matched", "o-3", 100_000, 100_000),
        (5, "twice_in_theirs", "o-3", 100_000, None),
        (6, "only_theirs", "o-9", 5, None),
        (7, "twice_in_theirs", "o-9", 5, None),
        (8, "matched", "o-5", 100_000, 100_000),
        (9, "matched", "o-5", -100_000, -100_000),
        (None, "only_ours", "o-4", None, 100_000),
    ]
    events = shown(
        ledger.warehouse,
        "SELECT beneficiary_id, order_id FROM journal WHERE (partition, offset) IN"
        " (SELECT toInt32(assumeNotNull(partition)), assumeNotNull(offset) FROM reconciliation_lines"
        " WHERE offset IS NOT NULL)",
    )
    assert sorted(row["order_id"] for row in events) == ["o-1", "o-2", "o-3", "o-4", "o-5", "o-5"]
    assert {row["beneficiary_id"] for row in lines if row["our_amount"]} == {f"b-{n}" for n in range(1, 6)}


def test_an_order_id_under_two_people_is_two_orders(ledger: Ledger, tmp_path: Path) -> None:
    other = person(7, "2020-04-12", 70_000)
    ledger.store([{**event, "order_id": "o-1"} if "order_id" in event else event for event in other])
    both = "order,paid,who\no-1,70000,b-7\no-1,100000,b-1\n"
    by_id = run_of(tmp_path / "a.csv", both)
    reconcile(ledger, by_id, 0)
    assert by_id.sums[Status.MATCHED].their_lines == 2
    distinguished = Mapping.model_validate({"statement": LAYOUT | {"beneficiary_id": "who"}})
    crossed = run_of(tmp_path / "b.csv", both.replace("b-7", "b-8"), distinguished)
    reconcile(ledger, crossed, 0)
    assert crossed.sums[Status.MATCHED].their_lines == 1
    assert crossed.sums[Status.ONLY_THEIRS].their_amount == 70_000


def test_a_statement_of_what_institutions_get_is_compared_with_the_net(ledger: Ledger, tmp_path: Path) -> None:
    net = Mapping.model_validate({"statement": LAYOUT | {"amount_is": "net"}})
    run = run_of(tmp_path / "a.csv", "order,paid\no-1,90000\no-5,90000\no-5,-90000\n", net)
    reconcile(ledger, run, 0)
    assert run.sums[Status.MATCHED].their_lines == 3


def test_lines_dated_outside_the_period_are_left_out_and_counted(ledger: Ledger, tmp_path: Path) -> None:
    dated = Mapping.model_validate({"statement": LAYOUT | {"date": "day"}})
    run = run_of(tmp_path / "a.csv", "order,paid,day\no-1,100000,2020-04-30\no-6,7,2020-05-01\n", dated)
    reconcile(ledger, run, 0)
    assert (run.total().their_lines, run.statement.outside.lines, run.statement.outside.amount) == (1, 1, 7)


def test_a_refund_outside_the_period_counts_below_zero(ledger: Ledger, tmp_path: Path) -> None:
    reported = LAYOUT | {"date": "day", "refund_column": "what", "refund_value": "REFUND"}
    text = "order,paid,day,what\no-6,100,2020-05-01,REFUND\no-7,70,2020-05-01,SALE\n"
    run = run_of(tmp_path / "a.csv", text, Mapping.model_validate({"statement": reported}))
    reconcile(ledger, run, 0)
    assert (run.statement.outside.lines, run.statement.outside.amount) == (2, -30)


def test_a_bad_line_stores_nothing(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(BadLine):
        reconcile(ledger, run_of(tmp_path / "a.csv", "order,paid\no-1,100000\no-2,x\n"), 0)
    assert shown(ledger.warehouse, "SELECT count() AS n FROM reconciliation_line_rows") == [{"n": 0}]


def test_three_ways_report_what_was_sold_taken_and_paid(ledger: Ledger, tmp_path: Path, bucket_rows: int) -> None:
    taken, bank = tmp_path / "taken.csv", tmp_path / "bank.csv"
    taken.write_text("order\no-1\no-2\no-8\n")
    bank.write_text("order,paid\no-1,100000\no-3,60000\no-3,40000\no-9,5\no-5,100000\no-5,-100000\n")
    made = Mapping.model_validate({"statement": LAYOUT, "bank": LAYOUT, "redemptions": {"order_id": "order"}})
    run = run_of(tmp_path / "a.csv", "order,paid\n", made, redemptions=taken, bank=bank)
    reconcile(ledger, run, 0)
    assert run.three_way
    cases = {case: orders for case, orders in run.three_way.orders.items() if orders}
    assert cases == {
        (True, True, True): 1,  # o-1
        (True, True, False): 1,  # o-2
        (True, False, True): 1,  # o-3
        (True, False, False): 1,  # o-4
        (False, True, False): 1,  # o-8
        (False, False, True): 1,  # o-9
        (False, False, False): 1,  # o-5, sold and given back
    }
    assert run.three_way.sold.total() == 400_000
    assert run.three_way.paid.total() == 200_005


def test_without_a_file_of_redemptions_the_journal_says_what_was_taken(ledger: Ledger, tmp_path: Path) -> None:
    order = {"publisher_id": "toko", "platform_id": "toko", "order_id": "o-2", "institution_id": "i"}
    reported = {
        "type": "CourseRedeemed",
        "event_id": "x",
        "beneficiary_id": "b-2",
        "occurred_at": 1_590_000_000_000_000,
    }
    ledger.store([reported | order])
    bank = tmp_path / "bank.csv"
    bank.write_text("order,paid\no-1,100000\no-2,100000\n")
    made = Mapping.model_validate({"statement": LAYOUT, "bank": LAYOUT})
    run = run_of(tmp_path / "a.csv", "order,paid\n", made, bank=bank)
    reconcile(ledger, run, 0)
    assert run.three_way
    assert (run.three_way.orders[True, True, True], run.three_way.orders[True, False, True]) == (1, 1)


def test_a_file_without_a_table_in_the_mapping_is_one_sentence(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"^the mapping has no table \[bank\]"):
        reconcile(ledger, run_of(tmp_path / "a.csv", "order,paid\n", None, bank=tmp_path / "b.csv"), 0)
