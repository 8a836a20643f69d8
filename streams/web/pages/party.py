"""A platform's or an institution's page."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from starlette.responses import Response

from dompet.streams.answers.filters import Filters
from dompet.streams.web.core.panel import Wanted, behind_of
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.pages.programme import by_time
from dompet.streams.web.pages.sheets import BEYOND, LATE, Sheet

Kind = Literal["platform", "institution"]

_STATEMENT: Final = ("number", "from_day", "to_day", "issued_at", "lines", "net_to_institution")
_RUN: Final = ("at", "from_day", "to_day", "file", "matched", "amount_differs", "only_theirs", "only_ours")
_TIME: Final = Wanted(
    "settlement",
    "By time",
    "A refund counts on its own day.",
    chart=by_time("sold", "refunded", money=True),
    limit=120,
)
_JUDGED: Final = Wanted(
    "judgements",
    "Doubtful sales",
    "By what the catalogue says; one sale may count twice.",
    bars="sales",
    summed=False,
    empty="The catalogue has nothing against its sales.",
)
_ISSUED: Final = Wanted(
    "statements", "Statements issued", columns=_STATEMENT, summed=False, empty="No statement was issued yet."
)
_COMPARED: Final = Wanted(
    "reconciliations",
    "Reconciliations",
    limit=10,
    summed=False,
    columns=_RUN,
    empty="No statement of theirs was compared yet.",
)
_OTHERS: Final = {
    "platform": Wanted("institutions", "By institution", bars="net_to_institution", limit=15),
    "institution": Wanted("platforms", "By platform", bars="net_to_institution", limit=15),
}


async def platform(visit: Visit) -> Response:
    """One platform's page."""
    return await _party(visit, "platform")


async def institution(visit: Visit) -> Response:
    """One institution's page."""
    return await _party(visit, "institution")


def _rows(kind: Kind, name: str) -> Sequence[Sequence[Wanted]]:
    sent = {"publisher": name, "platform": ""}
    late = Wanted("lateness", "How late it reports", LATE, given=sent, summed=False)
    why = Wanted(
        "rejection-reasons",
        "Why its events were rejected",
        BEYOND,
        given=sent,
        summed=False,
        limit=8,
        columns=("reason", "events", "amount"),
        empty="None of its events was rejected.",
    )
    compared = [[_COMPARED]] if kind == "platform" else []
    return [[_TIME], [_OTHERS[kind]], [late, why], [_JUDGED, _ISSUED], *compared]


async def _party(visit: Visit, kind: Kind) -> Response:
    name = visit.given.get(kind, "")
    visit.given.setdefault("grain", "month")
    filters = (kind, "from", "to", "grain")
    if not visit.check() or not name:
        return visit.page(
            "party.html", kind=kind, name=name, filters=filters, rows=[], sums=None, listed=None, behind={}
        )
    listed, own = QUESTIONS[f"listed-{kind}s"], QUESTIONS[f"{kind}s"]
    only = Filters(platform=name) if kind == "platform" else Filters(institution=name)
    panels, entry, sums = await asyncio.gather(
        Sheet("", "", (), _rows(kind, name)).panels(visit),
        visit.answer(listed, only, 1),
        visit.answer(own, replace(visit.filters(own), platform=only.platform, institution=only.institution), 1),
    )
    found: dict[str, Any] | None = next(iter(sums.to_pylist()), None)
    given = {one: text for one in ("from", "to", kind) if (text := visit.given.get(one))}
    return visit.page(
        "party.html",
        kind=kind,
        name=name,
        filters=filters,
        rows=panels,
        sums=found,
        behind={figure: behind_of(visit, own, figure, found, given) for figure in ("sold", "refunded") if found},
        listed=next(iter(entry.to_pylist()), None),
    )
