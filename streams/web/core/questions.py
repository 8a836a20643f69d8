"""Every question that pages and the API ask, by its name: those of answers, and dead letters."""

from typing import Final

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.answers.registry import QUESTIONS as OF_ANSWERS
from dompet.streams.dead_letters.letters import Wanted, letters_sql


def letters_of(filters: Filters) -> str:
    """The query for dead letters, as `dompet dead-letters list` asks it."""
    return letters_sql(wanted_of(filters))


def wanted_of(filters: Filters) -> Wanted:
    """The filters as dead letters know them; the publisher `unknown` is none that could be read."""
    publisher = "" if filters.publisher == "unknown" else filters.publisher
    return Wanted(filters.reason, publisher, None, filters.begin_us, filters.end_us, filters.status)


LETTERS: Final = Question(
    "dead-letters",
    "Records that break their contract, the newest first, and what became of each.",
    (
        "recorded_at",
        "partition",
        "offset",
        "error",
        "publisher_id",
        "size",
        "status",
        "acted_by",
        "acted_at",
        "message",
    ),
    letters_of,
    ("reason", "publisher", "status", "from", "to"),
    ("-recorded_at", "partition", "-offset"),
)
QUESTIONS: Final[dict[str, Question]] = {**OF_ANSWERS, LETTERS.name: LETTERS}
