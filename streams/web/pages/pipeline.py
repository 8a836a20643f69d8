"""The pipeline's page, and its live figures."""

import asyncio
from datetime import UTC, datetime

from starlette.responses import Response, StreamingResponse

from dompet.schemas.errors import DompetError
from dompet.streams.web.core.figures import workers
from dompet.streams.web.core.visit import Visit


async def pipeline(visit: Visit) -> Response:
    """The page; where the warehouse does not answer, it says so and shows the rest."""
    found, members = await asyncio.gather(_looked(visit), workers(visit.asker.settings))
    rows = [
        {**one, "stored": datetime.fromtimestamp(one["stored"], UTC) if one["stored"] else None}
        for one in found.get("partitions", [])
    ]
    return visit.page("pipeline.html", found=found, rows=rows, members=members[0], members_wrong=members[1])


async def _looked(visit: Visit) -> dict[str, object]:
    try:
        return dict(await visit.asker.watch.look())
    except DompetError as error:
        return {"complaint": str(error), "records": 0, "lag": None, "per_second": 0, "partitions": []}


async def live(visit: Visit) -> Response:
    """The figures as they change, by server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(visit.asker.watch.events(), headers=headers, media_type="text/event-stream")
