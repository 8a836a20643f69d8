"""The pipeline's page, and its live figures."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response, StreamingResponse

from dompet.schemas.errors import DompetError
from dompet.streams.metrics.declaration import STEPS
from dompet.streams.web.core.figures import workers
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.words import word


async def pipeline(visit: Visit) -> Response:
    """The page; where the warehouse does not answer, it says so and shows the rest."""
    found, members = await asyncio.gather(_looked(visit), workers(visit.asker.settings))
    rows = [
        {**one, "stored": datetime.fromtimestamp(one["stored"], UTC) if one["stored"] else None}
        for one in found.get("partitions", [])
    ]
    verified = found.get("verified")
    return visit.page(
        "pipeline.html",
        found=found,
        rows=rows,
        steps=[(step, visit.text(word(step)), found["batch_ms"][step]) for step in STEPS if step in found["batch_ms"]],
        verified=verified and {**verified, "at": datetime.fromtimestamp(verified["at_us"] / 1e6, UTC)},
        members=members[0],
        members_wrong=members[1],
    )


async def _looked(visit: Visit) -> dict[str, Any]:
    try:
        return await visit.asker.watch.look()
    except DompetError as error:
        return {"complaint": str(error), "records": 0, "lag": None, "per_second": 0, "batches": 0, "batch_ms": {}}


async def live(visit: Visit) -> Response:
    """The figures as they change, by server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(visit.asker.watch.events(), headers=headers, media_type="text/event-stream")
