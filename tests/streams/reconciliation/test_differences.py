"""What people get of the lines that differ: the first on the terminal, all in a file, and what was seen in the ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyarrow import csv, parquet

from dompet.streams.reconciliation.differences import Differences
from dompet.streams.reconciliation.mapping import Mapping, MappingError
from dompet.streams.reconciliation.matching import Status
from dompet.streams.reconciliation.model import Run
from dompet.streams.reconciliation.page import notes
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.reconciliation.run import reconcile
from dompet.streams.settlement.period import Period
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.known import Unknown
from tests.model.events import Event
from tests.support.ledger import Ledger
from tests.support.sales import person

APRIL = Period.parsed("2020-04-01", "2020-04-30")
KEYS = {"order_id": "order", "amount": "paid"}


def sold(number: int, order_id: str) -> list[Event]:
    return [{**event, "order_id": order_id} if "order_id" in event else event for event in person(number, "2020-04-10")]


@pytest.fixture
def ledger(warehouse: Warehouse) -> Ledger:
    """Three orders of 100,000: one whose id ends with a blank, one that a spreadsheet would run, and a plain one."""
    ledger = Ledger(warehouse)
    for number, order_id in enumerate(("INV-1 ", "=INV-2", "INV-3"), start=1):
        ledger.store(sold(number, order_id))
    return ledger


def run_of(folder: Path, text: str, platform: str = "toko", **keys: object) -> Run:
    path = folder / "april.csv"
    path.write_text(text)
    mapping = Mapping.model_validate({"statement": KEYS | keys})
    return Run(platform, APRIL, StatementFile(path, mapping.statement, APRIL), mapping)


@contextmanager
def reconciled(ledger: Ledger, run: Run, out: Path | None = None) -> Iterator[Differences]:
    with Differences.into(out) as differences:
        reconcile(ledger, run, 0, differences.add)
    yield differences


def test_every_line_that_differs_is_written_and_no_text_of_it_is_a_formula(ledger: Ledger, tmp_path: Path) -> None:
    run = run_of(tmp_path, 'order,paid\n=INV-2,99999\nINV-3,100000\n"-9",5\n')
    for name in ("a.csv", "a.parquet"):
        with reconciled(ledger, run, tmp_path / name) as differences:
            assert run.differs
            assert differences.many == 3
    written = csv.read_csv(tmp_path / "a.csv").to_pylist()
    assert [(row["status"], row["line"], row["order_id"], row["difference"]) for row in written] == [
        ("amount_differs", 2, "'=INV-2", -1),
        ("only_theirs", 4, "'-9", 5),
        ("only_ours", None, "INV-1 ", -100_000),
    ]
    exact = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert [row["order_id"] for row in exact] == ["=INV-2", "-9", "INV-1 "]
    assert exact == differences.first


def test_an_id_that_ends_with_a_blank_is_matched_as_it_is_and_said(ledger: Ledger, tmp_path: Path) -> None:
    run = run_of(tmp_path, 'order,paid\n"INV-1 ",100000\n=INV-2,100000\nINV-3,100000\n')
    with reconciled(ledger, run) as differences:
        assert (run.differs, differences.many) == (False, 0)
    assert list(notes(run)) == [
        "1 id in april.csv begins or ends with blanks (U+0020 SPACE), first 'INV-1 ' on line 2: matched as they are; "
        "trim = true leaves them out on both sides",
        "1 id of ours begins or ends with blanks (U+0020 SPACE), first 'INV-1 ' of 'b-1': matched as they are; "
        "trim = true leaves them out on both sides",
    ]


def test_blanks_are_left_out_on_both_sides_where_the_mapping_says_so(ledger: Ledger, tmp_path: Path) -> None:
    text = "order\u00a0,paid\nINV-1,100000\n=INV-2\u200b,100000\n INV-3,100000\n"
    run = run_of(tmp_path, text, trim=True)
    with reconciled(ledger, run):
        assert run.sums[Status.MATCHED].their_lines == 3
    assert (run.differs, list(notes(run))) == (False, [])
    both = {"statement": KEYS | {"trim": True}, "bank": KEYS}
    run.mapping, run.bank = Mapping.model_validate(both), tmp_path / "april.csv"
    with pytest.raises(MappingError, match="trim must be the same for all files"):
        reconcile(ledger, run, 0)


def test_what_was_left_out_is_said(ledger: Ledger, tmp_path: Path) -> None:
    text = "order,paid\n=INV-2,100000\n,-6500\nINV-3,100000\n'INV-1,100000\nTOTAL,x\n"
    left_out = [{"column": "order", "present": False}]
    run = run_of(tmp_path, text, leave_out=left_out, ends_at=[{"column": "order", "among": ["TOTAL"]}])
    with reconciled(ledger, run):
        assert list(notes(run))[:3] == [
            "left out 1 line by leave_out: -Rp 6.500",
            "the table ends at line 6, by ends_at: what follows was not read",
            "1 id in april.csv looks like Excel's texts, first \"'INV-1\" on line 5: matched as they are; "
            "excel_text = true reads what is within",
        ]


def test_several_lines_that_pay_one_order_are_one_match(ledger: Ledger, tmp_path: Path) -> None:
    run = run_of(tmp_path, "order,paid\n=INV-2,60000\n=INV-2,40000\nINV-3,1\nINV-3,2\n", add_up=True)
    with reconciled(ledger, run) as differences:
        assert vars(run.sums[Status.MATCHED]) == {
            "their_lines": 2, "their_amount": 100_000, "our_lines": 1, "our_amount": 100_000,
        }  # fmt: skip
        assert [(row["status"], row["line"]) for row in differences.first[:2]] == [
            ("amount_differs", 4), ("amount_differs", 5),
        ]  # fmt: skip


def test_a_platform_that_nothing_names_is_refused_with_the_nearest(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(
        Unknown, match=r"^no platform 'tokko' is known, by any event or the catalogue; the nearest is 'toko'"
    ):
        reconcile(ledger, run_of(tmp_path, "order,paid\n", "tokko"), 0)
