"""An order: its way, its events, and the officer's word that clears it of its flags."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from dompet.schemas.errors import DompetError
from dompet.schemas.events import OrderCleared
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.orders import ORDERS
from dompet.streams.answers.people import TIMELINE
from dompet.streams.publish.publisher import Publisher
from dompet.streams.settings import Settings
from dompet.streams.warehouse.base import bound
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import address, cell, heading

_SEEN_S: Final = 6.0
_LOOK_S: Final = 0.3
_NOTE_BYTES: Final = 512
_HIDDEN: Final = ("beneficiary_id", "platform_id", "order_id")
_NAMES: Final = ("person", "platform", "order")


async def order(visit: Visit) -> Response:
    """The order's page."""
    return await _page(visit, {name: visit.given.get(name, "") for name in _NAMES}, "", "")


async def clear(visit: Visit) -> Response:
    """Publish that an officer cleared it, and show what the fold made of that."""
    form = await visit.request.form()
    named = {name: str(form.get(name, "")) for name in _NAMES}
    note = str(form.get("note", "")).strip()
    if not note or len(note.encode("utf-8", "replace")) > _NOTE_BYTES or "\0" in note:
        wrong = visit.text("Say in 1 to 512 bytes why it is cleared: the note is published with your name.")
        return await _page(visit, named, note, wrong)
    try:
        await asyncio.to_thread(publish_clearing, visit.asker.settings, named, visit.who.name, note)
    except DompetError as error:
        return await _page(visit, named, note, visit.fault(error))
    seen = await _seen(visit, named)
    return Response(
        status_code=303, headers={"Location": address("/order", {**named, "cleared": "yes" if seen else "soon"})}
    )


def publish_clearing(settings: Settings, named: Mapping[str, str], officer: str, note: str) -> None:
    """Publish `OrderCleared`; DompetError where the log does not take it."""
    if not settings.kafka:
        raise DompetError("no Kafka is set, and none runs here: `dompet broker` starts one")
    event = OrderCleared(
        event_id=f"clear-{uuid.uuid4().hex}",
        beneficiary_id=named["person"],
        occurred_at=datetime.now(UTC),
        publisher_id=settings.rulebook().programme_publishers[-1],
        platform_id=named["platform"],
        order_id=named["order"],
        officer_id=officer,
        note=note,
    )
    with Publisher(settings.kafka, settings.log_topic, settings.client_config()) as publisher:
        publisher.publish(event)


async def _seen(visit: Visit, named: Mapping[str, str]) -> bool:
    """Whether the warehouse knows of it within a few seconds."""
    for _ in range(int(_SEEN_S / _LOOK_S)):
        await asyncio.sleep(_LOOK_S)
        found = await visit.asker.run(lambda client: client.read(_sql(named)).to_pylist())
        if found and found[0]["cleared_at"] is not None:
            visit.asker.forget()
            return True
    return False


def _sql(named: Mapping[str, str]) -> str:
    inner = ORDERS.sql(Filters(person=named["person"], platform=named["platform"]))
    return f"SELECT * FROM ({inner}) WHERE {bound('order_id = %(order)s', dict(named))}"  # noqa: S608


async def _page(visit: Visit, named: dict[str, str], note: str, wrong: str) -> Response:
    rows: list[Any] = []
    events: list[Any] = []
    if all(named.values()):
        rows = (await visit.table(ORDERS, _sql(named))).to_pylist()
        given = {"person": named["person"], "as_of": "", "known_at": ""}
        events = (await visit.table(TIMELINE, TIMELINE.sql(visit.filters(TIMELINE, given)))).to_pylist()
    of_order = [one for one in events if (one["platform_id"], one["order_id"]) == (named["platform"], named["order"])]
    found = rows[0] if rows else None
    visit.status = 400 if wrong else 200 if found else 404
    facts = [
        (heading(name, visit.language), cell(visit.language, ORDERS, name, found, personal=True))
        for name in ORDERS.columns
        if found and name not in _HIDDEN
    ]
    return visit.page(
        "order.html", named=named, order=found, facts=facts, events=of_order, note=note, wrong=wrong,
        sql=_sql(named) if found else "",
    )  # fmt: skip
