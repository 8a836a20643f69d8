"""What a program asks: filters, how many rows, from where on, in which form, and from which place of the log on."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from dompet.schemas.errors import DompetError
from dompet.streams.answers.filters import FilterError
from dompet.streams.answers.question import Question
from dompet.streams.parsing.places import read_place
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.position import Position

FORMS: Final = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}
"""By the value of `format`, the media type that `Accept` names."""
ROWS: Final = 100
ROWS_MOST: Final = 10_000
FILE_ROWS_MOST: Final = 200_000
COMMON: Final = ("limit", "cursor", "format", "min_position", "wait")
_WAIT: Final = re.compile(r"([0-9]{1,2})s")
_WAIT_MOST_S: Final = 30
_LOOK_S: Final = 0.1


@dataclass(frozen=True)
class AnswerOptions:
    """How an answer is wanted."""

    form: str
    limit: int
    after: list[Any] | None


def answer_options(question: Question, request: Request, given: Mapping[str, str]) -> AnswerOptions:
    """How the answer is wanted; Refused or FilterError where the request does not hold."""
    known = {*question.takes, *COMMON}
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            raise Refused(400, f"there is no parameter {name[:64]!r} here: {', '.join(sorted(known))} are")
        if names.count(name) > 1:
            raise Refused(400, f"the parameter {name} is given more than once")
    for name, text in given.items():
        if not text:
            raise FilterError(name, "", "left out where it does not matter")
    for name in question.needs:
        if name not in given:
            raise Refused(400, f"the parameter {name} is needed")
    form = form_of(request, given.get("format"))
    most = ROWS_MOST if form == "json" else FILE_ROWS_MOST
    limit = _limit(given.get("limit"), most, ROWS if form == "json" else most)
    after = question.after(given["cursor"]) if "cursor" in given else None
    return AnswerOptions(form, limit, after)


def form_of(request: Request, chosen: str | None) -> str:
    """The form that a parameter chooses, else the first that `Accept` names; Refused with 406 where it has none."""
    if chosen is not None:
        if chosen not in FORMS:
            raise FilterError("format", chosen[:64], f"one of {', '.join(FORMS)}")
        return chosen
    accepted = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    for wanted in accepted:
        if wanted in ("", "*/*", "application/*"):
            return "json"
        if wanted == "text/*":
            return "csv"
        if found := next((form for form, kind in FORMS.items() if kind == wanted), None):
            return found
    if "text/html" in accepted:
        return "json"
    raise Refused(406, f"the answer comes as {', '.join(FORMS.values())}")


def _limit(text: str | None, most: int, usual: int) -> int:
    if text is None:
        return usual
    if not re.fullmatch("[0-9]{1,7}", text) or not 1 <= int(text) <= most:
        raise FilterError("limit", text[:64], f"a whole number from 1 to {most}")
    return int(text)


async def awaited(asker: Asker, given: Mapping[str, str]) -> Position:
    """The position, once it has reached the record that `min_position` names; Refused with 503 where that takes longer
    than `wait`.
    """
    if "min_position" not in given:
        return await asker.position()
    try:
        place = read_place(given["min_position"])
    except DompetError:
        raise FilterError("min_position", given["min_position"][:64], "PARTITION:OFFSET, such as 3:1702") from None
    found = _WAIT.fullmatch(given.get("wait", "0s"))
    if not found or int(found[1]) > _WAIT_MOST_S:
        raise FilterError("wait", given["wait"][:64], f"a number of seconds up to {_WAIT_MOST_S}, such as 5s")
    deadline = time.monotonic() + int(found[1])
    while True:
        position = await asker.position(now=True)
        if position.reached(place.partition, place.offset):
            return position
        if time.monotonic() >= deadline:
            upto = position.next_offsets.get(place.partition, 0)
            raise Refused(503, f"the record at {place} is not folded yet: partition {place.partition} is at {upto}")
        await asyncio.sleep(_LOOK_S)
