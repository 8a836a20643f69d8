"""Rejected events: how many, why, and which; and their redrive by an operator."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import OPERATORS
from dompet.streams.answers.filters import filters_of
from dompet.streams.kafka.records import reading
from dompet.streams.redrive.drive import Redriver
from dompet.streams.redrive.rejected import Chosen, chosen_with_people
from dompet.streams.redrive.run import Plan, RedriveSession
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.panel import Row, Wanted, panel
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.pages.sheets import BEYOND
from dompet.streams.web.show.cells import address
from dompet.streams.web.show.charts import Series, columns

FILTERS: Final = ("publisher", "reason", "type", "from", "to", "grain")
_CHOOSES: Final = ("publisher", "reason", "person", "from", "to")
_SHOWN: Final = ("recorded_at", "occurred_at", "type", "publisher_id", "beneficiary_id", "order_id", "amount", "reason")
_TOP: Final = 4


def _by_reason(visit: Visit, rows: list[Row]) -> tuple[Markup, Sequence[tuple[str, int]]]:
    """A chart of the most frequent reasons, and all others together."""
    often = Counter[str]()
    for row in rows:
        often[row["reason"]] += row["events"]
    named = [reason for reason, _ in often.most_common(_TOP)]
    days: list[date] = sorted({row["day"] for row in rows})
    number = {(row["day"], row["reason"]): row["events"] for row in rows}
    series = [
        Series(visit.reason(reason), [number.get((day, reason), 0) for day in days], tone)
        for tone, reason in enumerate(named, start=1)
    ]
    if len(often) > _TOP:
        rest = [sum(n for (on, reason), n in number.items() if on == day and reason not in named) for day in days]
        series.append(Series(visit.text("others"), rest, _TOP + 1))
    grain = visit.given.get("grain") or "month"
    drawn = columns(days, series, visit.language, grain=grain, money=False, stacked=True)
    return drawn, [(one.name, one.tone) for one in series]


async def rejections(visit: Visit) -> Response:
    """The page."""
    visit.given.setdefault("grain", "month")
    if not visit.check():
        return visit.page("rejections.html", filters=FILTERS, panels={}, redrive="")
    asked = {
        "time": Wanted("rejections-by-day", "By time", "When the events happened.", chart=_by_reason, summed=False,
                       empty="Nothing was rejected."),
        "reasons": Wanted("rejection-reasons", "Why", BEYOND, bars="events", columns=("reason", "events", "amount"),
                          limit=12, empty="Nothing was rejected."),
        "outcomes": Wanted("outcomes", "Whose", limit=12),
        "events": Wanted("events", "Rejected events", "Those recorded last come first.", columns=_SHOWN, limit=25,
                         given={"outcome": "rejected"}, summed=False, empty="Nothing was rejected."),
    }  # fmt: skip
    made = await asyncio.gather(*(panel(visit, one) for one in asked.values()))
    given = {name: visit.given.get(name, "") for name in _CHOOSES}
    redrive = address("/rejections/redrive", given) if visit.who.may(OPERATORS) else ""
    return visit.page("rejections.html", filters=FILTERS, panels=dict(zip(asked, made, strict=True)), redrive=redrive)


async def plan(visit: Visit) -> Response:
    """What a redrive of the rejected events that the filters choose would publish."""
    if not visit.check() or not any(visit.given.get(name) for name in _CHOOSES):
        return visit.page("redrive.html", filters=_CHOOSES, plan=None, done=None, wrong="")
    return await _carried(visit, visit.given, publish=False)


async def redrive(visit: Visit) -> Response:
    """Publish them again."""
    form = await visit.request.form()
    visit.given = {name: str(form.get(name, "")) for name in _CHOOSES}
    if not any(visit.given.values()):
        raise Refused(400, "say which: a filter such as reason=unknown_order")
    return await _carried(visit, visit.given, publish=True)


async def _carried(visit: Visit, given: dict[str, str], *, publish: bool) -> Response:
    filters = filters_of(_CHOOSES, given)
    chosen = Chosen(filters.reason, filters.publisher, filters.person, None, filters.begin_us, filters.end_us)
    settings, who = visit.asker.settings, visit.who.name

    def carry(client: WarehouseClient) -> tuple[Plan, object]:
        kafka, topic = settings.kafka_settings(), settings.topics.log.name
        if not settings.kafka:
            raise DompetError("no Kafka is set, and none runs here: `dompet broker` starts one")
        with reading(kafka, topic) as reader:
            session = RedriveSession(client, reader, Redriver(client, reader, kafka, topic, who))
            made = session.restrict(session.rejected(*chosen_with_people(client, chosen), later=True), force=False)
            return made, session.carry_out(made, force=False) if publish else None

    try:
        made, done = await visit.asker.run(carry)
    except DompetError as error:
        visit.status = 503
        return visit.page("redrive.html", filters=_CHOOSES, plan=None, done=None, wrong=str(error))
    visit.asker.forget()
    return visit.page("redrive.html", filters=_CHOOSES, plan=made, done=done, wrong="")
