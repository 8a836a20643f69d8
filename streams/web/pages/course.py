"""A course: what was sold and completed of it, and its price over time beside the price outside."""

import asyncio

from starlette.responses import Response

from dompet.streams.answers.courses import COURSES
from dompet.streams.web.core.panel import Wanted, panel
from dompet.streams.web.core.visit import Visit


async def course(visit: Visit) -> Response:
    """The course's page."""
    name = visit.given.get("course", "")
    if not visit.check() or not name:
        return visit.page("course.html", name=name, listed=None, panels={})
    asked = {
        "listings": Wanted("course-listings", "Prices over time", summed=False, empty="The catalogue does not list it.",
                           columns=("valid_from", "valid_to", "title", "list_price", "outside_price", "free_elsewhere",
                                    "minutes")),
        "funnel": Wanted("funnel", "How far its orders came", given={"by": "platform"},
                         empty="Nobody bought it."),
    }  # fmt: skip
    found, *panels = await asyncio.gather(
        visit.answer(COURSES, visit.filters(COURSES), 1), *(panel(visit, one) for one in asked.values())
    )
    [listed] = found.to_pylist() or [None]
    return visit.page("course.html", name=name, listed=listed, panels=dict(zip(asked, panels, strict=True)))
