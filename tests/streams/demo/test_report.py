"""The demonstration's report: a wave that does not add up is reported, and no amount is ever cut."""

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from dompet.streams.demo.report.findings import Finding, Line
from dompet.streams.demo.report.questions import QUESTIONS
from dompet.streams.demo.report.report import Platform, Report, Wave
from dompet.streams.demo.report.report_page import print_report
from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.migrate import migrate

LARGE = 123_456_789_012_345
WAVE = Wave(1, 1_000, 3 * LARGE, LARGE, LARGE, LARGE, adds_up=True, agrees=True)
ORDERS, INCENTIVES, *_ = QUESTIONS
REPORT = Report(
    outcomes={"accepted": 2_000, "rejected": 3},
    platforms=[Platform("maubelajarapa", LARGE, LARGE, 1_234, LARGE, LARGE)],
    waves=[WAVE],
    findings=[],
    reasons=[("previous_course_open", 3, ", ".join(["CoursePurchased"] * 9))],
    dead=[],
    busiest="b-1",
)


def page(report: Report, width: int) -> str:
    content = io.StringIO()
    print_report(Console(file=content, width=width), report)
    return content.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_every_amount_is_printed_whole_at_any_width(width: int) -> None:
    assert page(REPORT, width).count("123.456.789.012.345") == 14
    assert "…" not in page(REPORT, width)


def test_what_fits_is_not_wider_than_the_terminal() -> None:
    small = replace(
        REPORT, platforms=[Platform("maubelajarapa", 14_990_224_900, 1_239_808_200, 22_110, 1, 1)], waves=[]
    )
    assert max(len(line.rstrip()) for line in page(small, 80).splitlines()) <= 80


def test_amounts_say_that_they_are_rupiah_where_there_is_room() -> None:
    assert "Rp 123.456.789.012.345" in page(REPORT, 200)
    assert "Rp 123.456.789.012.345" not in page(REPORT, 80)
    assert "in rupiah" in page(REPORT, 80)


def test_a_report_without_dead_letters_has_no_table_of_them() -> None:
    assert "Dead letters" not in page(REPORT, 80)
    assert "Dead letters" in page(replace(REPORT, dead=[("UnknownSchema", 1, "schema id 9 is unknown")]), 80)


def test_a_wave_that_is_wrong_is_reported() -> None:
    assert "✗" not in page(REPORT, 80)
    odd = page(replace(REPORT, waves=[WAVE, replace(WAVE, wave=2, adds_up=False)]), 80)
    assert "✗ wave 2 does not add up  " in odd
    assert "✗ wave 1 is not the sum" in page(replace(REPORT, waves=[replace(WAVE, agrees=False)]), 80)


def test_a_finding_that_breaks_its_law_is_reported_and_no_amount_of_it_is_cut() -> None:
    kept, broken = Line("2020", (3, *[LARGE] * 4)), Line("2023", (1, *[LARGE] * 4), holds=False)
    report = replace(REPORT, findings=[Finding(INCENTIVES, [kept, broken])])
    assert page(report, 80).count("123.456.789.012.345") == 14 + 8
    assert "✗ rules 2023: not so that paid ≤ due in every wallet" in page(report, 120)
    assert REPORT.is_sound and not report.is_sound
    assert "✓ paid ≤ due in every wallet" in page(replace(REPORT, findings=[Finding(INCENTIVES, [kept])]), 120)


def test_a_question_without_an_answer_has_no_table() -> None:
    assert "how many came how far" not in page(replace(REPORT, findings=[Finding(ORDERS, [])]), 80)


def test_what_is_found_fits_eighty_columns() -> None:
    amounts = 99_999_999_999
    found = [
        Finding(q, [Line("maubelajarapa", (99_999,) * len(q.counts) + (amounts,) * len(q.money))]) for q in QUESTIONS
    ]
    lines = page(replace(REPORT, findings=found, platforms=[], waves=[]), 80).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_wallets_that_lost_money_or_disagree_with_the_journal_are_found(tmp_path: Path) -> None:
    with closing(open_warehouse(f"chdb://{tmp_path}/warehouse")) as warehouse:
        migrate(warehouse)
        wallets = {
            "beneficiary_id": ["a", "b", "c"],
            "wave": [1, 2, 3],
            "credited": [10, 10, 0],
            "spent": [4, 4, 0],
            "refunded": [1, 0, 0],
            "returned": [0, 5, 0],
            "balance": [7, 0, 0],
        }
        warehouse.insert("wallet_rows", pa.table(wallets))
        waves = {wave.wave: wave for wave in Report.of(warehouse).waves}
    assert waves[1] == Wave(1, 1, 10, 3, 0, 7, adds_up=True, agrees=False)
    assert waves[2] == Wave(2, 1, 10, 4, 5, 0, adds_up=False, agrees=False)
    assert waves[3] == Wave(3, 1, 0, 0, 0, 0, adds_up=True, agrees=True)
