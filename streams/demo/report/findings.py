"""What the demonstration's report finds beside the money of platforms and waves."""

from collections.abc import Sequence
from dataclasses import dataclass

from dompet.streams.answers.status import rows
from dompet.streams.demo.report.questions import QUESTIONS, Question
from dompet.streams.warehouse import Warehouse


@dataclass(frozen=True)
class Line:
    """One line of a table: its name, and its numbers as the question orders them, counts first."""

    name: str
    numbers: tuple[int, ...]
    holds: bool = True


@dataclass(frozen=True)
class Finding:
    """A question with its answer."""

    question: Question
    lines: Sequence[Line]

    @property
    def holds(self) -> bool:
        """Whether every line keeps the law."""
        return all(line.holds for line in self.lines)


def findings(warehouse: Warehouse) -> list[Finding]:
    """The answers that the warehouse gives."""
    return [Finding(question, _lines(warehouse, question)) for question in QUESTIONS]


def _lines(warehouse: Warehouse, question: Question) -> list[Line]:
    names = (*question.counts, *question.money)
    return [
        Line(row[question.name], tuple(int(row[name]) for name in names), bool(int(row["holds"])))
        for row in rows(warehouse, question.sql)
    ]
