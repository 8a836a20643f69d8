"""What became of a request's inputs: a result for each, in their order."""

import json
from collections.abc import Mapping
from enum import StrEnum
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

from aiohttp import web

from dompet.streams.gateway.problems import Problem


class Result(StrEnum):
    """How an input ended."""

    STORED = "stored"
    VALID = "valid"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    RETRY = "retry"


_SENTENCES: Final[Mapping[int, str]] = {
    403: "no event was stored: publisher_id must be the caller's own",
    422: "no event was stored: the results say what is wrong with each",
    503: "not every event was stored: send those again whose result is retry, or all of them",
}
_NONE: Final = dict.fromkeys(Result, 0)
_HEADERS: Final = {"Content-Type": "application/json"}


class Results:
    """The results of one request, as the JSON that they are answered in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.counts = _NONE.copy()
        self.stopped = ""
        """Why nothing more is stored: what comes now is to be sent again, or else it would pass what failed."""

    def stored(self, event_id: str, partition: int, offset: int) -> None:
        """It is on the log."""
        self.counts[Result.STORED] += 1
        where = f'"partition":{partition},"offset":{offset},"reason":null}}'
        self._parts.append(f'{{"event_id":{quoted(event_id)},"result":"stored",{where}'.encode())

    def stored_rows(self, written: bytes, count: int) -> None:
        """So many are on the log; their results are written already."""
        if count:
            self.counts[Result.STORED] += count
            self._parts.append(written)

    def add(self, event_id: str | None, result: Result, reason: str | None) -> None:
        """It is not on the log."""
        self.counts[result] += 1
        shown = "null" if event_id is None else quoted(event_id)
        said = "null" if reason is None else quoted(reason)
        where = f'"partition":null,"offset":null,"reason":{said}}}'
        self._parts.append(f'{{"event_id":{shown},"result":"{result}",{where}'.encode())

    def response(self) -> web.Response:
        """The answer: 200 where an event is stored or valid, or there is none, and none is to be sent again."""
        if status := self._status():
            return self.problem(Problem(status, _SENTENCES[status])).response()
        return web.Response(body=self._body(), headers=_HEADERS)

    def problem(self, problem: Problem) -> Problem:
        """A problem that comes with the results so far."""
        if self._parts:
            problem.more = {**problem.more, **json.loads(self._body())}
        return problem

    def _status(self) -> int:
        counts = self.counts
        if counts[Result.RETRY]:
            return 503
        if counts[Result.STORED] or counts[Result.VALID] or not self._parts:
            return 0
        return 422 if counts[Result.INVALID] else 403

    def _body(self) -> bytes:
        counted = ",".join([f'"{result}":{count}' for result, count in self.counts.items()])
        return b"".join([b"{", counted.encode(), b',"results":[', b",".join(self._parts), b"]}"])
