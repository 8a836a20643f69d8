"""The report's findings as tables."""

from rich.table import Table
from rich.text import Text

from dompet.streams.demo.report.findings import Finding
from dompet.streams.demo.report.layout import Layout, report_table
from dompet.streams.terminal.figures import count


def finding_table(finding: Finding, layout: Layout) -> Table:
    """One finding in a layout."""
    question = finding.question
    about = layout.about(question.about) if question.money else question.about
    table = report_table(question.title, about, layout)
    table.show_footer = question.summed
    table.add_column(question.name, "all", no_wrap=True)
    names = (*question.counts, *question.money)

    def cells(numbers: tuple[int, ...]) -> list[str]:
        return [
            layout.amount(number) if name in question.money else count(number)
            for name, number in zip(names, numbers, strict=True)
        ]

    sums = tuple(sum(line.numbers[place] for line in finding.lines) for place in range(len(names)))
    for name, footer in zip(names, cells(sums), strict=True):
        table.add_column(name.replace("_", " "), footer, justify="right", vertical="bottom", no_wrap=True)
    for line in finding.lines:
        table.add_row(line.name, *cells(line.numbers))
    if question.law:
        table.caption = _verdict(finding)
    return table


def _verdict(finding: Finding) -> Text:
    if finding.holds:
        return Text(f"✓ {finding.question.law}", "not dim green")
    broken = ", ".join(line.name for line in finding.lines if not line.holds)
    return Text(f"✗ {finding.question.name} {broken}: not so that {finding.question.law}", "not dim bold red")
