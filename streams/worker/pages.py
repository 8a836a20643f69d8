"""The worker's pages, on loopback: /health and /ready for anyone, /state for who has its token."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from faust.web.views import View

from dompet.schemas.errors import DompetError
from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.process.hosts import is_own_host
from dompet.streams.proof.live import as_json, place_of, seed_of

_ANSWER_LIMIT_S: Final = 5.0


class _PostView(View):
    """A page that is asked by POST, where Faust's own are by GET."""

    @classmethod
    def from_handler(cls, fun: Any) -> type[View]:
        """The view whose `post` is this function."""
        return type(fun.__name__, (cls,), {"post": fun, "__doc__": fun.__doc__, "__module__": fun.__module__})


def add_pages(app: Any, pipeline: Pipeline, vitals: Any) -> None:
    """Add the pages. `vitals` says whether the worker is well."""

    @app.page("/health")
    @_for_own_hosts
    async def health(view: Any, request: Any) -> Any:
        """200 while progress is made or there is no lag; 503 with the reason otherwise."""
        vitals.look()  # else the lag may be that of a moment without partitions
        complaint = vitals.complaint()
        return view.json(_health(app, pipeline, vitals.lag, complaint), status=503 if complaint else 200)

    @app.page("/ready")
    @_for_own_hosts
    async def ready(view: Any, request: Any) -> Any:
        """200 where the worker has its partitions and the warehouse answers; 503 with the reason otherwise."""
        vitals.look()
        reason = vitals.complaint() or await _complaint(pipeline)
        return view.json({"status": "unready" if reason else "ok", "reason": reason}, status=503 if reason else 200)

    @app.page("/state", base=_PostView)
    @_for_own_hosts
    async def state(view: Any, request: Any) -> Any:
        """Sums of the state in memory, for `dompet verify`, by weights that it chose."""
        if not _allowed(request, pipeline):
            return view.json({"error": "the worker's token is needed"}, status=403)
        if (seed := seed_of(_json(await request.read()))) is None:
            return view.json({"error": "a question is JSON with the whole number seed"}, status=400)
        return await _answer(view, lambda: as_json(pipeline.projector.live_states(seed), place_of(pipeline.settings)))


def _health(app: Any, pipeline: Pipeline, lag: int, complaint: str) -> dict[str, Any]:
    """What `/health` says."""
    records = pipeline.projector.progress.records if pipeline.opened else 0
    return {
        "status": "unwell" if complaint else "ok",
        "reason": complaint,
        "lag": lag,
        "records": records,
        "topic": pipeline.settings.log_topic,
        "batches": pipeline.projector.progress.batches if pipeline.opened else 0,
        "batch_seconds": _seconds(pipeline) if pipeline.opened else {},
        "open_transactions": [str(one) for one in pipeline.source.open_transactions] if pipeline.opened else [],
        "catalogue": app.catalogue.counts if app.catalogue else {},
        "catalogue_passed_over": app.catalogue.passed_over if app.catalogue else 0,
    }


def _seconds(pipeline: Pipeline) -> dict[str, float]:
    """How long all batches together took, by step."""
    return {step: round(times.sum_s, 6) for step, times in pipeline.projector.progress.steps.items()}


async def _complaint(pipeline: Pipeline) -> str:
    """Why the warehouse does not answer, as a sentence; empty where it does."""
    try:
        async with asyncio.timeout(_ANSWER_LIMIT_S):
            await asyncio.to_thread(pipeline.warehouse.read, "SELECT 1")
    except TimeoutError:
        return f"the warehouse did not answer within {_ANSWER_LIMIT_S:g} s"
    except DompetError as error:
        return str(error)
    return ""


def _for_own_hosts(page: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
    """The page, for requests whose Host header names this machine."""

    @wraps(page)
    async def checked(view: Any, request: Any) -> Any:
        if not is_own_host(request.host):
            return view.json({"error": f"the worker does not answer for host {request.host!r}"}, status=403)
        return await page(view, request)

    return checked


def _allowed(request: Any, pipeline: Pipeline) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return pipeline.opened and secrets.compare_digest(given.encode(), pipeline.token.encode())


def _json(content: bytes) -> Any:
    """What the content says; None where it is no JSON."""
    try:
        return json.loads(content)
    except ValueError:
        return None


async def _answer(view: Any, call: Any, *args: Any) -> Any:
    """The call's bytes, made in a thread: the event loop goes on meanwhile."""
    try:
        content = await asyncio.to_thread(call, *args)
    except DompetError as error:
        return view.json({"error": str(error)}, status=400)
    return view.bytes(content, content_type="application/octet-stream")
