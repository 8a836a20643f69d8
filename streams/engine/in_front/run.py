"""The endpoint before a server, in this process, until a signal ends it."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from dompet.streams.engine.in_front.backend import ServerBackend
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.run import run_service
from dompet.streams.engine.service import Service


def run_in_front_of(url: str, port: int, limits: Limits, began: Callable[[], None], metrics_port: int = 0) -> None:
    """Answer for the server at `url` until SIGTERM or SIGINT; `began` is called once that is so.

    PortTaken or WarehouseError where it cannot begin.
    """
    with tempfile.TemporaryDirectory(prefix="dompet-engine-") as folder:
        run_service(Service(ServerBackend(url, Path(folder), limits), port, limits), port, began, metrics_port)
