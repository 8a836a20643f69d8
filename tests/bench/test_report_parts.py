"""The README keeps what is not the benchmark's; what the rivals that store come to is in every report."""

from tests.bench.__main__ import BEGIN, END, with_part
from tests.bench.report import markdown, readme
from tests.bench.test_bench import SETTING, results, stored
from tests.bench.verdicts import disagreements, targets


def test_the_part_between_the_markers_is_replaced_and_nothing_else() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_part(page, "new\n") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert with_part("no markers\n", "new\n") == "no markers\n"


def test_the_readme_reports_in_a_line_what_answers_take() -> None:
    line = "takes 90 ms, its timeline 50 ms, settlement of a month 900 ms, the funnel 500 ms."
    assert f"On a journal of 10,000,000 rows, a wallet as of a moment {line}\n" in readme(results(), SETTING)


def test_a_rival_that_stores_other_rows_or_is_not_far_behind_is_said_to() -> None:
    assert disagreements(results(storing=stored(5.0, "Rival, run 1: reason of 1 record differs"))) == [
        "storing: Rival, run 1: reason of 1 record differs"
    ]
    near = [target for target in targets(results(storing=stored(4.9))) if not target.met]
    assert [(target.what, target.found) for target in near] == [
        ("dompet into clickhouse-server ÷ the best rival that stores", "4.90 ×")
    ]
    assert "takes in\n22,000 events a second; dompet into that server takes in 110,000 (5.0 ×)" in readme(
        results(), SETTING
    )
    assert "| Kafka Streams and Connect | 22,000 | 22,000 – 22,000 | 5.00 × |" in markdown(results(), SETTING)
