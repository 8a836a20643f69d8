"""Any question as a list of its own: all of its filters, page by page."""

from typing import Any

from starlette.responses import Response

from dompet.streams.answers.question import Question
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.panel import LIST_ROWS, Panel, Wanted, downloads, laid_out
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import address

TITLES = {
    "orders": "Orders", "events": "Events", "wallets": "Wallets", "clawbacks": "Clawbacks", "incentives": "Incentives",
    "unfinished-orders": "Paid and not finished", "held": "Held incentives", "flagged": "Flagged orders",
    "exceptions": "Money that moved though rejected", "patterns": "Patterns", "owners": "Sales for own institutions",
    "courses": "Courses", "course-listings": "Listings of courses", "statements": "Statements",
    "statement-lines": "Lines of a statement", "reconciliations": "Reconciliations",
    "reconciliation-lines": "Lines of a reconciliation", "listed-platforms": "Platforms in the catalogue",
    "listed-institutions": "Institutions in the catalogue", "platforms": "Platforms", "institutions": "Institutions",
    "settlement": "By day and month", "lateness": "How late publishers report", "outcomes": "What became of events",
    "rejection-reasons": "Why events were rejected", "rejections-by-day": "Rejections by time",
    "judgements": "Doubtful sales", "waves": "Waves", "days": "Day by day", "funnel": "How far orders came",
    "incentives-by-wave": "Incentives and clawbacks by wave", "clawback-ages": "Clawbacks by age",
    "statuses": "Wallets by status",
    "exception-sums": "Money that moved though rejected",
    "dead-letters": "Dead letters", "unfinished": "Paid and not finished",
    "timeline": "Timeline", "wallet": "Wallet", "programme": "Programme",
}  # fmt: skip
"""By a question's name."""


async def one_list(visit: Visit) -> Response:
    """The page of the question that the path names."""
    name = visit.request.path_params["name"]
    question = QUESTIONS.get(name)
    if question is None:
        raise Refused(404, f"there is no list {name[:64]}")
    if question.personal and not visit.personal:
        raise Refused(403, f"{visit.who.name} may not see single persons: it takes the role officer")
    title = visit.text(TITLES[name])
    missing = [need for need in question.needs if not visit.given.get(need)]
    if not visit.check() or missing:
        return visit.page("list.html", title=title, about=visit.text(question.says), filters=question.takes, panel=None)
    made = await _panel(visit, question, title)
    return visit.page("list.html", title=title, about=visit.text(question.says), filters=question.takes, panel=made)


async def _panel(visit: Visit, question: Question, title: str) -> Panel:
    filters = visit.filters(question)
    given = {name: text for name, text in visit.given.items() if name in question.takes and text}
    cursor = visit.given.get("cursor")
    after: list[Any] | None = question.after(cursor) if cursor else None
    rows = (await visit.answer(question, filters, LIST_ROWS + 1, after)).to_pylist()
    [counted] = await visit.rows(question.count_sql(filters))
    made = Panel(question.name, title, question.shown_sql(filters), rows[:LIST_ROWS], total=int(counted["rows"]))
    made.empty = visit.text("Nothing fits these filters.")
    laid_out(visit, made, question, rows[:LIST_ROWS], given, Wanted(question.name, title))
    if len(rows) > LIST_ROWS:
        made.more = address(visit.request.url.path, {**given, "cursor": question.cursor(rows[LIST_ROWS - 1])})
        made.first = visit.text("The first %(rows)s rows.", rows=LIST_ROWS)
    made.downloads = downloads(question, given)
    return made
