"""Pages that are panels alone, as data: their filters, and what is shown in which order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.parties import SUMS
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.core.panel import Panel, Wanted, panel
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.pages.programme import by_time

_LATE = "From when it happened to when the log recorded it, by publisher."


@dataclass(frozen=True)
class Sheet:
    """A page: rows of panels side by side. `lead` says what it is for."""

    title: str
    lead: str
    filters: Sequence[str]
    rows: Sequence[Sequence[Wanted]]

    async def __call__(self, visit: Visit) -> Response:
        """Answer it."""
        fits = visit.check()
        made = await self.panels(visit) if fits else []
        return visit.page(
            "sheet.html",
            title=visit.text(self.title),
            lead=visit.text(self.lead),
            filters=self.filters,
            rows=made,
        )

    async def panels(self, visit: Visit) -> list[list[Panel]]:
        """Its panels, without those of single persons where the reader may not see them."""
        rows = [[one for one in row if visit.personal or not QUESTIONS[one.question].personal] for row in self.rows]
        made = await asyncio.gather(*(panel(visit, one) for row in rows for one in row))
        found = iter(made)
        return [panels for row in rows if (panels := [next(found) for _ in row])]


PLATFORMS = Sheet(
    "Platforms",
    "What each platform sold, refunded, kept and passed on; how late they report.",
    ("from", "to"),
    (
        (Wanted("platforms", "Sold and passed on", bars="sold"),),
        (
            Wanted("lateness", "How late publishers report", _LATE, summed=False, limit=12),
            Wanted("outcomes", "What became of their events", limit=12),
        ),
    ),
)
INSTITUTIONS = Sheet(
    "Institutions",
    "What each institution sold through platforms, and is owed.",
    ("platform", "from", "to"),
    ((Wanted("institutions", "Sold and owed", bars="net_to_institution"),),),
)
CATALOGUE = Sheet(
    "Catalogue",
    "Who may sell what, at which price, and what was sold of it.",
    ("category", "institution"),
    (
        (Wanted("listed-platforms", "Platforms", given={"category": ""}),),
        (Wanted("courses", "Courses", "Those that cost most in all come first.", bars="paid", limit=25),),
        (Wanted("listed-institutions", "Institutions", limit=25),),
    ),
)
EXCEPTIONS = Sheet(
    "Exceptions",
    "What somebody should look at: paid and not finished, held, flagged, moved though rejected, and patterns.",
    ("platform", "as_of", "by"),
    (
        (
            Wanted("unfinished", "Paid and not finished", "Neither completed nor refunded by then.", bars="paid"),
            Wanted("exception-sums", "Money that moved though its event was rejected", bars="moved"),
        ),
        (
            Wanted("held", "Held incentives", "Open an order to clear it, with a note.", limit=15, summed=False,
                   empty="No incentive is held."),
        ),
        (
            Wanted("exceptions", "Not settled since", "The largest amounts come first.", given={"only": "open"},
                   limit=15, summed=False,
                   columns=("beneficiary_id", "type", "platform_id", "reference", "amount", "reason", "since"),
                   empty="All that moved though rejected was settled later."),
        ),
        (
            Wanted("flagged", "Flagged orders", limit=10, summed=False),
        ),
        (
            Wanted("owners", "Sales for own institutions", "A platform owns the institution that it sold for.", limit=15),
            Wanted("judgements", "Doubtful sales", "By what the catalogue says; one sale may count twice.", summed=False,
                   bars="sales"),
        ),
        (
            Wanted("patterns", "Patterns", "What the rules let through, and somebody should look at.", limit=15,
                   summed=False),
        ),
    ),
)  # fmt: skip


async def platform(visit: Visit) -> Response:
    """One platform's page."""
    return await _party(visit, "platform")


async def institution(visit: Visit) -> Response:
    """One institution's page."""
    return await _party(visit, "institution")


async def _party(visit: Visit, kind: str) -> Response:
    name = visit.given.get(kind, "")
    visit.given.setdefault("grain", "month")
    filters = (kind, "from", "to", "grain")
    if not visit.check() or not name:
        return visit.page("party.html", kind=kind, name=name, filters=filters, rows=[], sums=None, listed=None)
    other = "institutions" if kind == "platform" else "platforms"
    sent = {"publisher": name, "platform": ""}
    listed, own = QUESTIONS[f"listed-{kind}s"], QUESTIONS[f"{kind}s"]
    rows = (
        (
            Wanted("settlement", "By time", "A refund counts on its own day.", chart=by_time("sold", "refunded", money=True),
                   limit=120),
        ),
        (Wanted(other, "By institution" if kind == "platform" else "By platform", bars="net_to_institution", limit=15),),
        (
            Wanted("lateness", "How late it reports", _LATE, given=sent, summed=False),
            Wanted("rejection-reasons", "Why its events were rejected", given=sent, summed=False, limit=8,
                   columns=("reason", "events", "amount"), empty="None of its events was rejected."),
        ),
        (
            Wanted("judgements", "Doubtful sales", "By what the catalogue says; one sale may count twice.", bars="sales",
                   summed=False, empty="The catalogue has nothing against its sales."),
            Wanted("statements", "Statements issued", columns=("number", "from_day", "to_day", "issued_at", "lines",
                   "net_to_institution"), summed=False, empty="No statement was issued yet."),
        ),
    )  # fmt: skip
    if kind == "platform":
        compared = Wanted("reconciliations", "Reconciliations", limit=10, summed=False, empty="No statement of theirs was compared yet.",
                          columns=("at", "from_day", "to_day", "file", "matched", "amount_differs", "only_theirs", "only_ours", "twice_in_theirs"))  # fmt: skip
        rows = (*rows, (compared,))
    found = await asyncio.gather(
        Sheet("", "", (), rows).panels(visit),
        visit.table(listed, listed.page_sql(replace(visit.filters(listed), **{kind: name}), 1)),
        visit.table(own, _own_sql(visit, kind, name)),
    )
    [sums] = found[2].to_pylist() or [None]
    [entry] = found[1].to_pylist() or [None]
    return visit.page("party.html", kind=kind, name=name, filters=filters, rows=found[0], sums=sums, listed=entry)


def _own_sql(visit: Visit, kind: str, name: str) -> str:
    own = QUESTIONS[f"{kind}s"]
    filters = replace(visit.filters(own), platform=None, institution=None)
    only = Filters(**{kind: name}).where({kind: f"{kind}_id = %({kind})s"})
    inner = own.sql(filters)
    return f"SELECT {kind}_id, {', '.join(SUMS)} FROM ({inner}) WHERE {only}"  # noqa: S608
