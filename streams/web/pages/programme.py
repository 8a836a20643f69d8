"""The programme's page: where the money is, what happened when, how far orders came, what is owed and asked back."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc
from markupsafe import Markup
from starlette.responses import Response

from dompet.streams.answers.programme import CONSERVED, TOTALS
from dompet.streams.answers.progress import FUNNEL
from dompet.streams.answers.question import Question
from dompet.streams.answers.wave_incentives import WAVE_OWED
from dompet.streams.web.core.panel import Panel, Row, Wanted, panel, unfiltered
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import address
from dompet.streams.web.show.charts import Series, columns, share_bar

FILTERS = ("wave", "decree", "platform", "institution", "category", "from", "to", "as_of", "known_at", "grain", "by")
_WAVES = 100
"""All waves of a programme are shown, with what they add up to; these are far more than any had."""
_PLATFORMS_MOST = 100_000
_STEPS = ("purchased", "redeemed", "attended", "completed", "reviewed")

Chart = tuple[Markup, Sequence[tuple[str, int]]]


def by_time(*names: str, money: bool) -> Any:
    """A chart of these columns over days or months."""

    def chart(visit: Visit, rows: list[Row]) -> Chart:
        from dompet.streams.web.show.cells import heading

        series = [
            Series(heading(name, visit.language), [row[name] for row in rows], at)
            for at, name in enumerate(names, start=1)
        ]
        grain = visit.given.get("grain") or "month"
        drawn = columns([row["day"] for row in rows], series, visit.language, grain=grain, money=money)
        return drawn, [(one.name, one.tone) for one in series]

    return chart


async def programme(visit: Visit) -> Response:
    """The page."""
    if not visit.check():
        return visit.page("programme.html", filters=FILTERS, money=None, panels={}, unfiltered="")
    visit.given.setdefault("grain", "month")
    asked = {
        "money": Wanted("days", "Money by time", columns=("day", "credited", "sold", "refunded", "incentives_paid"),
                        limit=12, chart=by_time("credited", "sold", "refunded", money=True), summed=False),
        "learning": Wanted("days", "Learning by time", columns=("day", "sales", "refunds", "completions"), limit=12,
                           chart=by_time("sales", "completions", money=False), summed=False),
        "waves": Wanted("waves", "Waves", "In each: credited = net spent + returned + remaining.",
                        columns=("wave", "wallets", *CONSERVED, "decree"), limit=_WAVES),
        "owed": Wanted("incentives-by-wave", "Incentives and clawbacks by wave",
                       "In each: due = paid + outstanding, and asked back = repaid + not repaid. What was sent back or"
                       " failed is not in what was paid.", limit=_WAVES,
                       columns=("wave", *WAVE_OWED, "decree")),
        "ages": Wanted("clawback-ages", "Clawbacks that are not repaid", "By how long ago each was ordered.",
                       bars="outstanding", empty="Every clawback is repaid."),
        "statuses": Wanted("statuses", "Wallets by status", bars="people"),
    }  # fmt: skip
    totals, (funnel, steps), *panels = await asyncio.gather(
        visit.answer(TOTALS, visit.filters(TOTALS), 1), _funnel(visit), *(panel(visit, one) for one in asked.values())
    )
    made = {"funnel": funnel, **dict(zip(asked, panels, strict=True))}
    [money] = totals.to_pylist() or [None]
    return visit.page(
        "programme.html",
        filters=FILTERS,
        money=money,
        unfiltered=unfiltered(visit, TOTALS),
        behind=_behind(visit),
        money_sql=TOTALS.sql(visit.filters(TOTALS)),
        shares=_shares(visit, money),
        steps=steps,
        panels=made,
    )


def _behind(visit: Visit) -> dict[str, str]:
    """Where the rows behind the figures at the top are; nothing for who may not see single persons, nor of a moment."""
    if not visit.personal or visit.clocks():
        return dict.fromkeys(("wallets", "orders", "completed", "incentives", "clawbacks"), "")
    lists = {
        "wallets": (TOTALS, "wallets", {}),
        "orders": (FUNNEL, "orders", {}),
        "completed": (FUNNEL, "orders", {"step": "completed"}),
        "incentives": (TOTALS, "incentives", {"only": "open"}),
        "clawbacks": (TOTALS, "clawbacks", {"only": "open"}),
    }
    return {
        name: address(f"/list/{target}", {**among(visit, question), **given})
        for name, (question, target, given) in lists.items()
    }


def among(visit: Visit, question: Question) -> dict[str, str]:
    """The page's filters that a question takes."""
    return {name: visit.given[name] for name in visit.chosen() if name in question.takes}


def _shares(visit: Visit, money: Row | None) -> Markup:
    if not money:
        return Markup()
    names = ("net_spent", "total_returned", "remaining")
    labels = (visit.text("Net spent"), visit.text("Returned"), visit.text("Remaining"))
    parts = [
        (f"{label}: {visit.language.money(money[name])}", money[name], tone)
        for tone, (name, label) in enumerate(zip(names, labels, strict=True), start=1)
    ]
    return share_bar(parts, "; ".join(label for label, _, _ in parts))


async def _funnel(visit: Visit) -> tuple[Panel, list[tuple[str, int]]]:
    """How far orders came, by what the reader chose; and how many of all orders came how far, whatever is shown."""
    whole, older = await visit.shown(FUNNEL, visit.filters(FUNNEL, {"by": "platform"}), _PLATFORMS_MOST)
    known = whole if (visit.given.get("by") or "platform") == "platform" else None
    made = await panel(visit, Wanted("funnel", "How far orders came", bars="purchased"), known)
    made.older = made.older or older
    return made, [(name, pc.sum(whole[name]).as_py() or 0) for name in _STEPS]
