"""The README keeps what is not the benchmark's."""

from tests.bench.__main__ import BEGIN, END, with_part
from tests.bench.report import readme
from tests.bench.test_bench import SETTING, results


def test_the_part_between_the_markers_is_replaced_and_nothing_else() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_part(page, "new\n") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert with_part("no markers\n", "new\n") == "no markers\n"


def test_the_readme_reports_in_a_line_what_answers_take() -> None:
    line = "takes 90 ms, its timeline 50 ms, settlement of a month 900 ms, the funnel 500 ms."
    assert f"On a journal of 10,000,000 rows, a wallet as of a moment {line}\n" in readme(results(), SETTING)
