"""Dead letters: found, shown with their bytes, redriven or discarded as the commands do."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from dompet.schemas.errors import DompetError
from dompet.schemas.hints import hints_of
from dompet.streams.dead_letters.actions import DISCARD, DONE, new_action, read_actions, write_actions
from dompet.streams.dead_letters.letters import Letter, letters_at, reasons_sql
from dompet.streams.dead_letters.page import as_text, hex_dump, national_ids
from dompet.streams.kafka.records import reading
from dompet.streams.parsing.places import Place, read_place
from dompet.streams.redrive.drive import JSON, Redriver
from dompet.streams.redrive.letter_items import Correction
from dompet.streams.redrive.rejected import order_of, rejected_of
from dompet.streams.redrive.run import RedriveSession, all_or_nothing
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.panel import Wanted, panel
from dompet.streams.web.core.questions import LETTERS, wanted_of
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import Cell, address

FILTERS: Final = ("reason", "publisher", "status", "from", "to")
_SHOWN: Final = ("recorded_at", "partition", "offset", "error", "publisher_id", "size", "status", "acted_by")


async def letters(visit: Visit) -> Response:
    """All that the filters find, and how many there are of each reason."""
    if not visit.check():
        return visit.page("letters.html", filters=FILTERS, panel=None, reasons=[])
    shown = Wanted("dead-letters", "Dead letters", "The newest come first.", columns=_SHOWN, limit=100, summed=False,
                   empty="No record breaks its contract.")  # fmt: skip
    made, reasons = await asyncio.gather(
        panel(visit, shown), visit.rows(reasons_sql(wanted_of(visit.filters(LETTERS))))
    )
    at = _SHOWN.index("error")
    for cells, row in zip(made.body, made.rows, strict=False):
        place = f"{row['partition']}:{row['offset']}"
        cells[at] = Cell(cells[at].text, "word", address("/dead-letter", {"place": place}), place)
    return visit.page("letters.html", filters=FILTERS, panel=made, reasons=reasons)


async def letter(visit: Visit) -> Response:
    """One letter, with its bytes."""
    return await _page(visit, _place(visit.given.get("place", "")))


async def discard(visit: Visit) -> Response:
    """Mark a letter as looked at, with the reason why nothing is to be done about it."""
    form = await visit.request.form()
    place, because = _place(str(form.get("place", ""))), str(form.get("because", "")).strip()
    if not because or len(because.encode("utf-8", "replace")) > 512 or not because.isprintable():
        wrong = visit.text("Say in 1 to 512 bytes why nothing is to be done about it.")
        return await _page(visit, place, because=because, wrong=wrong)

    def write(client: WarehouseClient) -> None:
        topic = visit.asker.topic
        if not letters_at(client, [place], topic):
            raise DompetError(f"there is no dead letter at {place}")
        write_actions(client, [new_action(topic, place, DISCARD, DONE, visit.who.name, because)])

    return await _done(visit, place, write)


async def redrive(visit: Visit) -> Response:
    """Publish a letter again: as it was, keyed by its person, or corrected."""
    form = await visit.request.form()
    place, corrected = _place(str(form.get("place", ""))), str(form.get("json", "")).strip()
    rekey, force = form.get("rekey") == "yes", form.get("force") == "yes"
    settings = visit.asker.settings
    correction = Correction(JSON, visit.text("the corrected event"), corrected.encode()) if corrected else None

    def carry(client: WarehouseClient) -> None:
        kafka, topic = settings.kafka_settings(), settings.topics.log.name
        if not settings.kafka:
            raise DompetError("no Kafka is set, and none runs here: `dompet broker` starts one")
        with reading(kafka, topic) as reader:
            at = RedriveSession(client, reader, Redriver(client, reader, kafka, topic, visit.who.name))
            plan = at.letters(
                letters_at(client, [place], topic), correction, rekey=rekey, even_if_dead=False, later=True
            )
            at.restrict(plan, force=force)
            all_or_nothing(plan, [place])
            at.carry_out(plan, force=force)

    return await _done(visit, place, carry, corrected=corrected)


async def _done(visit: Visit, place: Place, act: Callable[[WarehouseClient], None], **typed: str) -> Response:
    try:
        await visit.asker.run(act)
    except DompetError as error:
        return await _page(visit, place, wrong=visit.fault(error), **typed)
    visit.asker.forget()
    return Response(
        status_code=303, headers={"Location": address("/dead-letter", {"place": str(place), "done": "yes"})}
    )


def _place(text: str) -> Place:
    try:
        place = read_place(text)
    except DompetError as error:
        raise Refused(400, str(error)) from None
    if place.partition >= 1 << 31:
        raise Refused(404, f"there is no dead letter at {place}")
    return place


async def _page(visit: Visit, place: Place, *, because: str = "", corrected: str = "", wrong: str = "") -> Response:
    found = await visit.asker.run(lambda client: _look(client, visit.asker.topic, place))
    if found is None:
        raise Refused(404, f"there is no dead letter at {place}")
    visit.status = 400 if wrong else 200
    return visit.page("letter.html", **found, because=because, corrected=corrected, wrong=wrong)


def _look(client: WarehouseClient, topic: str, place: Place) -> dict[str, Any] | None:
    """All that is known of a letter; what has the form of a national id number is masked."""
    found = letters_at(client, [place], topic)
    if not found:
        return None
    one = found[0]
    hidden, hidden_key = national_ids(one.value or b""), national_ids(one.key or b"")
    return {
        "letter": one,
        "key": list(hex_dump(one.key or b"", hidden_key)),
        "value": list(hex_dump((one.value or b"")[:4096], hidden)),
        "text": as_text(one.value, hidden),
        "masked": bool(hidden or hidden_key),
        "later": [event for event in rejected_of(client, _people(one)) if _after(one, event)][:50],
        "actions": read_actions(client, topic, [place]),
    }


def _people(letter: Letter) -> set[str]:
    people = {hints_of(letter.value).beneficiary_id}
    if letter.key is not None:
        people.add(letter.key.decode("utf-8", "replace"))
    return people - {""}


def _after(letter: Letter, event: Any) -> bool:
    return order_of(event) > (letter.recorded_at_us, *letter.place)
