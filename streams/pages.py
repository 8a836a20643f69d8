"""The worker's pages, on loopback: /health for anyone, /query and /status for who holds the worker's token."""

import asyncio
import json
import secrets
from typing import Any

from dompet.schemas.errors import DompetError
from dompet.streams.pipeline import Pipeline


def add_pages(app: Any, pipeline: Pipeline, vitals: Any) -> None:
    """Add the pages. `vitals` tells whether the worker is well."""

    @app.page("/health")
    async def health(view: Any, request: Any) -> Any:
        """200 while progress is made or there is no lag; 503 with the reason otherwise."""
        complaint = vitals.complaint()
        records = pipeline.projector.progress.records if pipeline.opened else 0
        body = {"status": "unwell" if complaint else "ok", "reason": complaint, "lag": vitals.lag, "records": records}
        return view.json(body, status=503 if complaint else 200)

    @app.page("/query")
    async def query(view: Any, request: Any) -> Any:
        """The answer to a read-only query, rendered; `dompet query` asks here while the worker holds the warehouse."""
        if not _allowed(request, pipeline):
            return view.json({"error": "the worker's token is needed"}, status=403)
        asked = json.loads(await request.text())
        return await _answer(view, pipeline.warehouse.answer, asked["sql"], asked["format"])

    @app.page("/status")
    async def status(view: Any, request: Any) -> Any:
        """What `dompet status` shows."""
        if not _allowed(request, pipeline):
            return view.json({"error": "the worker's token is needed"}, status=403)
        return await _answer(view, lambda: json.dumps(_status(pipeline)).encode())


def _status(pipeline: Pipeline) -> Any:
    from dompet.streams.status import status

    return status(pipeline.settings, pipeline.warehouse)


def _allowed(request: Any, pipeline: Pipeline) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return pipeline.opened and secrets.compare_digest(given.encode(), pipeline.token.encode())


async def _answer(view: Any, call: Any, *args: Any) -> Any:
    """The call's bytes, made in a thread: the event loop goes on meanwhile."""
    try:
        content = await asyncio.to_thread(call, *args)
    except DompetError as error:
        return view.json({"error": str(error)}, status=400)
    return view.bytes(content, content_type="application/octet-stream")
