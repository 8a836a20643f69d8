"""Every question with filters, by its name."""

from typing import Final

from dompet.streams.answers import (
    courses,
    doubts,
    orders,
    parties,
    people,
    programme,
    progress,
    records,
    sent,
    wave_incentives,
)
from dompet.streams.answers.question import Question

QUESTIONS: Final[dict[str, Question]] = {
    value.name: value
    for module in (programme, wave_incentives, progress, parties, sent, people, orders, doubts, courses, records)
    for value in vars(module).values()
    if isinstance(value, Question)
}
