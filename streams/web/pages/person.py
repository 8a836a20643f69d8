"""A person: found, shown as of any moment on either clock, and all that is known of them in one file."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from starlette.responses import Response

from dompet.streams.answers.one_person import PERSON_QUESTIONS, person_sql, person_tables
from dompet.streams.answers.orders import ORDERS
from dompet.streams.answers.people import CLAWBACKS, TIMELINE, WALLET, find_sql
from dompet.streams.answers.question import Question
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.panel import Wanted, panel
from dompet.streams.web.core.published import published_at, published_of
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import Cell, address, cell, heading
from dompet.streams.web.show.language import now

FILTERS: Final = ("person", "as_of", "known_at")
_FACTS: Final = (
    *("status", "wave", "decree", "rules", "credited", "spent", "refunded", "returned", "entitled", "held"),
    *("incentive_due", "incentive_paid", "payout_failures", "clawback_ordered", "clawback_repaid"),
    *("first_purchase_due", "spend_by", "purchases", "open_orders"),
)
_TIMELINE: Final = (
    *("occurred_at", "recorded_at", "type", "publisher_id", "order_id", "amount", "outcome", "reason"),
    *("balance_change", "balance_after", "offset"),
)


async def find(visit: Visit) -> Response:
    """Who has this pseudonym, order, certificate or payout: the person's page where it is one, else whom to choose."""
    text = visit.given.get("text", "").strip()
    if not text or len(text.encode("utf-8", "replace")) > 64 or not text.isprintable():
        return visit.page("find.html", text=text, found=[])
    found = await visit.rows(find_sql(text))
    people = {row["beneficiary_id"] for row in found}
    if len(people) == 1:
        return Response(status_code=303, headers={"Location": address("/person", {"person": people.pop()})})
    return visit.page("find.html", text=text, found=found)


async def person(visit: Visit) -> Response:
    """The person's page."""
    name = visit.given.get("person", "")
    if not visit.check() or not name:
        return visit.page("person.html", filters=FILTERS, name=name, wallet=None, panels={}, known=False)
    asked = {
        "timeline": Wanted("timeline", "Timeline", "Every event with its outcome, in the log's order.", limit=500,
                           columns=_TIMELINE, summed=False, empty="No event of this person is known by then."),
        "orders": Wanted("orders", "Orders", "As they are now.", limit=200, given={"person": name}, summed=False,
                         columns=("platform_id", "order_id", "state", "course_id", "institution_id", "price",
                                  "purchased_at", "redeemed_at", "completed_at", "flags", "cleared_by"),
                         empty="This person bought nothing."),
        "clawbacks": Wanted("clawbacks", "Clawbacks", "As they are now.", given={"person": name, "as_of": ""},
                            columns=("clawback_id", "ordered_at", "ordered", "repaid", "outstanding", "last_repaid_at"),
                            empty="Nothing was asked back."),
    }  # fmt: skip
    known = await _known_now(visit)
    found, *panels = await asyncio.gather(
        _wallet(visit, known), *(panel(visit, one, known.get(one.question)) for one in asked.values())
    )
    made = dict(zip(asked, panels, strict=True))
    [wallet] = found.to_pylist() or [None]
    if not made["timeline"].rows:
        visit.status = 404
    _lead_to_events(made["timeline"].body, made["timeline"].rows)
    if made["timeline"].headings:
        made["timeline"].headings[-1] = Cell(visit.text("Place in the log"), "num")
        del made["timeline"].headings[_TIMELINE.index("reason")]
    return visit.page(
        "person.html",
        filters=FILTERS,
        name=name,
        wallet=wallet,
        facts=_facts(visit, WALLET, wallet) if wallet else [],
        wallet_sql=WALLET.sql(visit.filters(WALLET)).strip(),
        panels=made,
        known=bool(made["timeline"].rows),
    )


async def _known_now(visit: Visit) -> dict[str, pa.Table]:
    """By the question's name all of its rows, where one look at the person's events answers the page's questions."""
    asked = {person_sql(visit.filters(one)) for one in PERSON_QUESTIONS}
    sql = asked.pop()
    if asked or sql is None:
        return {}
    found = await visit.asker.read(sql, visit.position, of_person=True)
    return person_tables(found, visit.given["person"]) or {}


async def _wallet(visit: Visit, known: Mapping[str, pa.Table]) -> pa.Table:
    found = known.get(WALLET.name)
    return found if found is not None else await visit.answer(WALLET, visit.filters(WALLET), 1)


def _facts(visit: Visit, question: Question, row: dict[str, Any]) -> list[tuple[str, Cell]]:
    language = visit.language
    return [(heading(name, language), cell(language, question, name, row, personal=True)) for name in _FACTS]


def _lead_to_events(body: list[list[Cell]], rows: list[Any]) -> None:
    at, outcome = _TIMELINE.index("type"), _TIMELINE.index("outcome")
    for cells, row in zip(body, rows, strict=False):
        if row["reason"]:
            cells[outcome] = replace(cells[outcome], text=cells[outcome + 1].text, title=row["reason"])
        del cells[outcome + 1]
        place = f"{row['partition']}:{row['offset']}"
        cells[at] = Cell(cells[at].text, "word", address("/event", {"place": place}), place)
        cells[-1] = Cell(place, "num")


async def known_of(visit: Visit, name: str) -> dict[str, Any]:
    """All that is known of one person; the names of its parts are those of the API."""
    given = {"person": name}
    questions = {"wallet": WALLET, "timeline": TIMELINE, "orders": ORDERS, "clawbacks": CLAWBACKS}
    tables = await asyncio.gather(*(visit.answer(one, visit.filters(one, given), 10_000) for one in questions.values()))
    parts: dict[str, Any] = {
        part: [{key: _plain(value) for key, value in row.items()} for row in table.to_pylist()]
        for part, table in zip(questions, tables, strict=True)
    }
    places = [(row["partition"], row["offset"]) for row in parts["timeline"]]
    events = await visit.asker.run(lambda client: published_of(client, places))
    return {
        "beneficiary_id": name,
        "as_of": {"made_at": now().isoformat(timespec="seconds"), "next_offsets": visit.position.next_offsets},
        **parts,
        "events_as_published": events,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


async def export(visit: Visit) -> Response:
    """All that is known of one person, as one file of JSON or as a page to print."""
    name, form = visit.given.get("person", ""), visit.given.get("format", "json")
    if not visit.check() or not name:
        raise Refused(400, "say of which person: ?person=…")
    known = await known_of(visit, name)
    if not known["timeline"]:
        raise Refused(404, f"no event of {name[:64]} is known")
    if form == "html":
        return visit.page("export.html", name=name, known=known)
    content = json.dumps(known, ensure_ascii=False, indent=2)
    shown = "".join(one if one.isalnum() or one in "-_." else "_" for one in name if one.isascii())
    headers = {"Content-Disposition": f'attachment; filename="{shown or "person"}.json"'}
    return Response(content.encode("utf-8", "replace"), headers=headers, media_type="application/json")


async def event(visit: Visit) -> Response:
    """One event as it was published, and what became of it."""
    found = await visit.asker.run(lambda client: published_at(client, visit.given.get("place", "")))
    if found is None:
        raise Refused(404, "no event is known at this place of the log")
    return visit.page("event.html", event=found)
