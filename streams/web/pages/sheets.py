"""Pages that are panels alone, as data: their filters, and what is shown in which order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from dompet.streams.web.core.panel import Panel, Wanted, panel
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.core.visit import Visit

BEYOND: Final = "Amounts that nobody can pay, beyond 1,000,000,000,000 rupiah, are not in the sum."
LATE: Final = "From when it happened to when the log recorded it, by publisher."


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
            Wanted("lateness", "How late publishers report", LATE, summed=False, limit=12),
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
                   columns=("beneficiary_id", "platform_id", "order_id", "institution_id", "price", "completed_at",
                            "flags"),
                   empty="No incentive is held."),
        ),
        (
            Wanted("exceptions", "Not settled since", "The largest amounts come first.", given={"only": "open"},
                   limit=15, summed=False,
                   columns=("beneficiary_id", "type", "platform_id", "reference", "amount", "reason", "since"),
                   empty="All that moved though rejected was settled later."),
        ),
        (
            Wanted("flagged", "Flagged orders", limit=10, summed=False,
                   columns=("beneficiary_id", "platform_id", "order_id", "price", "state", "completed_at", "flags",
                            "cleared_at"),
                   empty="No order carries a flag."),
        ),
        (
            Wanted("owners", "Sales for own institutions", "The platform owns the institution.", limit=15),
            Wanted("judgements", "Doubtful sales", "By what the catalogue says; one sale may count twice.",
                   summed=False, bars="sales"),
        ),
        (
            Wanted("patterns", "Patterns", "What the rules let through, and somebody should look at.", limit=15,
                   summed=False),
        ),
    ),
)  # fmt: skip
