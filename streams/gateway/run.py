"""A gateway in this process, until a signal ends it."""

import asyncio
import logging.config
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from dompet.schemas.errors import DompetError
from dompet.streams.gateway.log_writer import DELIVERY_S, LogWriter
from dompet.streams.gateway.problems import RETRY_S
from dompet.streams.gateway.rooms import READ_AHEAD_BYTES
from dompet.streams.gateway.service import Service
from dompet.streams.gateway.warming import warm_up
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.metrics.declaration import Part
from dompet.streams.metrics.listening import figures_at
from dompet.streams.process.hosts import is_loopback
from dompet.streams.process.listening import Listener
from dompet.streams.process.logs import logging_config
from dompet.streams.process.problems import CONTENT_TYPE, problem_content
from dompet.streams.publishers.entries import Publishers
from dompet.streams.publishers.topic import followed
from dompet.streams.settings import Settings

CONNECTIONS: Final = 2_000
HEAD_S: Final = 10.0
"""So long may a connection be without the head of a request."""
_OPTIONS: Final = {"access_log": None, "auto_decompress": False, "read_bufsize": READ_AHEAD_BYTES}
_END_S: Final = DELIVERY_S + 5.0


def run_gateway(settings: Settings, began: Callable[[int], None]) -> None:
    """Answer until SIGTERM or SIGINT; `began` is called with the port once that is so. DompetError where Kafka does not
    answer, nobody has an entry beyond loopback, or the port is taken.
    """
    logging.config.dictConfig(logging_config())
    warm_up()
    ensure_topics(admin_client(settings), [settings.topics.publishers])
    with followed(settings) as publishers:
        if not is_loopback(settings.gateway_host) and not publishers.all():
            raise DompetError(
                f"at {settings.gateway_host} nobody could send events: `dompet publishers add NAME --kind platform`"
                " makes an entry"
            )
        writer = LogWriter(settings)
        try:
            asyncio.run(_writing(settings, publishers, writer, began))
        finally:
            writer.close()


async def _writing(settings: Settings, publishers: Publishers, writer: LogWriter, began: Callable[[int], None]) -> None:
    with writer.reporting():
        await _until_stopped(settings, publishers, writer, began)


async def _until_stopped(
    settings: Settings, publishers: Publishers, writer: LogWriter, began: Callable[[int], None]
) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    service = Service(publishers, writer, settings.topics.log.name, settings.gateway_body_mb * 1_000_000)
    place = (settings.gateway_host, settings.gateway_port)
    listener = Listener(service.answer, *place, CONNECTIONS, HEAD_S, _busy(), _OPTIONS, _END_S)
    readers = service.figures.readers(lambda: writer.waiting, lambda: listener.open_count)
    watching = asyncio.create_task(writer.watch())
    try:
        port = await listener.start()
        with figures_at(settings.gateway_metrics_port, Part.GATEWAY, readers):
            began(port)
            await stopped.wait()
    except OSError as error:
        why = f"nothing can listen at {place[0]}:{place[1]}: {error.strerror}"
        raise DompetError(f"{why}; choose another port (--gateway-port)") from None
    finally:
        await listener.stop()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _busy() -> bytes:
    """What a connection is answered for which there is no room."""
    text = problem_content(503, "the gateway has as many connections as it takes")
    head = f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_S}\r\nContent-Type: {CONTENT_TYPE}\r\n"
    return f"{head}Connection: close\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text
