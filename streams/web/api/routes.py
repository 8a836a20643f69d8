"""The API's routes, as data: one for each question, and what is no list."""

from typing import Final

from starlette.responses import Response

from dompet.streams.access.roles import EVERYBODY, LETTERS, PERSONS, SUMS, Role
from dompet.streams.answers.question import Question
from dompet.streams.web.api import answers
from dompet.streams.web.api.answers import Answer
from dompet.streams.web.api.forms import as_json
from dompet.streams.web.api.openapi import described
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.core.routes import Page
from dompet.streams.web.core.visit import Visit

_OWN: Final = {
    **dict.fromkeys(("settlement", "institutions", "statements", "statement-lines"), frozenset({"platform"})),
    **dict.fromkeys(
        ("events", "outcomes", "lateness", "rejection-reasons", "rejections-by-day"), frozenset({"publisher"})
    ),
}
"""By a question's name, the filters by which a publisher's own things are meant."""
_ROLES: Final = {"dead-letters": LETTERS, "events": LETTERS, "timeline": PERSONS}


def roles_of(question: Question) -> frozenset[Role]:
    """Who may ask a question."""
    return _ROLES.get(question.name, PERSONS if question.personal else SUMS)


async def document(visit: Visit) -> Response:
    """The description of the API."""
    return Response(as_json(described()), media_type="application/json")


async def browsed(visit: Visit) -> Response:
    """The same for people."""
    return visit.page("api.html", document=described())


API: Final[tuple[Page, ...]] = (
    *(
        Page(f"/api/v1/{name}", Answer(one), roles_of(one), own=_OWN.get(name, frozenset()), program=True)
        for name, one in QUESTIONS.items()
    ),
    Page("/api/v1/find", answers.found, PERSONS, program=True),
    Page("/api/v1/person", answers.person, PERSONS, program=True),
    Page("/api/v1/event", answers.event, LETTERS, program=True),
    Page("/api/v1/pipeline", answers.pipeline, SUMS, stored=False, program=True),
    Page("/api/v1/position", answers.position, EVERYBODY, stored=False, program=True),
    Page("/api/v1/openapi.json", document, EVERYBODY, stored=False, program=True),
    Page("/api", browsed, EVERYBODY, stored=False),
)
