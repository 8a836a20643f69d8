"""An engine in this process, until a signal ends it."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from dompet.schemas.errors import DompetError
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.service import HOST, FolderService, Service
from dompet.streams.metrics.declaration import Part
from dompet.streams.metrics.listening import figures_at
from dompet.streams.warehouse.holder import CANNOT_LISTEN


class PortTaken(DompetError):
    """Another program listens where guests are to ask."""


def run_engine(folder: Path, port: int, limits: Limits, began: Callable[[], None], metrics_port: int = 0) -> None:
    """Answer for the warehouse in `folder` until SIGTERM or SIGINT; `began` is called once that is so. Prometheus is
    answered at `metrics_port`; 0: nowhere.

    PortTaken, WarehouseBusy or WarehouseError where it cannot begin.
    """
    run_service(FolderService(folder, port, limits), port, began, metrics_port)


def run_service(service: Service, port: int, began: Callable[[], None], metrics_port: int = 0) -> None:
    """Answer until SIGTERM or SIGINT; `began` is called once it does. PortTaken where it cannot begin."""
    try:
        asyncio.run(_until_stopped(service, port, began, metrics_port))
    finally:
        service.close()


async def _until_stopped(service: Service, port: int, began: Callable[[], None], metrics_port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        await service.start()
        with figures_at(metrics_port, Part.ENGINE, service.tally.readers()):
            began()
            await stopped.wait()
    except OSError as error:
        why = f"{CANNOT_LISTEN} {HOST}:{port}: {error.strerror}"
        raise PortTaken(f"{why}; choose another port (--engine-port)") from None
    finally:
        await service.stop()
