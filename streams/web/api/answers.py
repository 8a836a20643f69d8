"""The API's answers: every question with its filters, page by page; a person's file; an event; the pipeline."""

import asyncio
from typing import Any

from starlette.responses import Response

from dompet.streams.answers.filters import PARAMETERS
from dompet.streams.answers.people import find_sql
from dompet.streams.answers.question import Question
from dompet.streams.web.api.forms import as_csv, as_json, as_parquet, plain
from dompet.streams.web.api.options import FORMS, answer_options
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.published import published_at
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.pages.person import known_of


class Answer:
    """The handler of one question."""

    def __init__(self, question: Question) -> None:
        self.question = question

    async def __call__(self, visit: Visit) -> Response:
        """Its rows, in the form that is asked for."""
        question, how = self.question, answer_options(self.question, visit.request, visit.given)
        filters = visit.filters(question)
        table = await visit.answer(question, filters, how.limit + 1, how.after)
        more = table.num_rows > how.limit
        if how.form == "json":
            return _json(visit, self._page(visit, table.slice(0, how.limit).to_pylist(), more=more))
        if more and "limit" not in visit.given:
            raise Refused(413, f"there are more than {how.limit} rows: narrow the filters, or ask in SQL")
        render = as_csv if how.form == "csv" else as_parquet
        content = await asyncio.to_thread(render, table.slice(0, how.limit))
        headers = {**_headers(visit), "Content-Disposition": f'attachment; filename="{question.name}.{how.form}"'}
        return Response(content, headers=headers, media_type=FORMS[how.form])

    def _page(self, visit: Visit, rows: list[dict[str, Any]], *, more: bool) -> dict[str, Any]:
        return {
            "question": self.question.name,
            "as_of": as_of(visit.position),
            "rows": [{name: plain(value) for name, value in row.items()} for row in rows],
            "next": self.question.cursor(rows[-1]) if more else None,
        }


def as_of(position: Position) -> dict[str, Any]:
    """As of which place an answer speaks."""
    return {
        "topic": position.topic,
        "stored_at": plain(position.stored_at),
        "next_offsets": {str(partition): offset for partition, offset in sorted(position.next_offsets.items())},
    }


def _headers(visit: Visit) -> dict[str, str]:
    return {"Dompet-Lag": "unknown" if visit.lag is None else str(visit.lag)}


def _json(visit: Visit, value: Any) -> Response:
    return Response(as_json(value), headers=_headers(visit), media_type="application/json")


def _only(visit: Visit, *names: str) -> None:
    """Refused where the address has other parameters, or lacks one of these."""
    for name, text in visit.request.query_params.multi_items():
        if name not in names or not text or visit.request.query_params.getlist(name) != [text]:
            raise Refused(400, f"the parameters here are {', '.join(names) or 'none'}, each once and not empty")
    for name in names:
        if name not in visit.given:
            raise Refused(400, f"the parameter {name} is needed")


async def found(visit: Visit) -> Response:
    """Who has a pseudonym, order, certificate, payout or event id."""
    _only(visit, "text")
    text = PARAMETERS["person"].read("text", visit.given["text"])
    return _json(visit, {"found": await visit.rows(find_sql(text))})


async def person(visit: Visit) -> Response:
    """All that is known of one person."""
    _only(visit, "person")
    if not visit.check():
        raise visit.wrong["person"]
    known = await known_of(visit, visit.given["person"])
    if not known["timeline"]:
        raise Refused(404, "no event of this person is known")
    return _json(visit, known)


async def event(visit: Visit) -> Response:
    """One event as it was published, and what became of it."""
    _only(visit, "place")
    found = await visit.asker.run(lambda client: published_at(client, visit.given["place"]))
    if found is None:
        raise Refused(404, "no event is known at this place of the log")
    return _json(visit, {**found, "recorded_at": found["recorded_at"].isoformat()})


async def pipeline(visit: Visit) -> Response:
    """How far the workers are, partition by partition."""
    _only(visit)
    return _json(visit, await visit.asker.watch.look())


async def position(visit: Visit) -> Response:
    """As of which place of the log answers speak now, and how far that is behind its end."""
    _only(visit)
    return _json(visit, {**as_of(visit.position), "lag": visit.lag})
