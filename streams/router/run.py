"""A router in this process, until a signal ends it."""

import logging.config
import signal
import time
from collections.abc import Callable
from typing import Any

from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.metrics.declaration import Part
from dompet.streams.metrics.listening import figures_at
from dompet.streams.process.logs import logging_config
from dompet.streams.process.patience import Patience
from dompet.streams.publishers.topic import followed
from dompet.streams.router.judging import warm_up
from dompet.streams.router.log_guard import LogGuard
from dompet.streams.router.router import Router
from dompet.streams.settings import Settings


def run_router(settings: Settings, began: Callable[[], None]) -> int:
    """Route until SIGTERM or SIGINT; the exit code. `began` is called once that is so. DompetError where it cannot
    begin, or cannot go on.
    """
    logging.config.dictConfig(logging_config())
    kafka: dict[str, Any] = dict(settings.kafka_settings())
    admin = admin_client(settings)
    patience = Patience(settings.outage_seconds)
    warm_up()
    only = frozenset(filter(None, settings.router_publishers.split(",")))
    sizes = settings.batch, settings.batch_bytes, settings.router_lease_seconds
    with followed(settings) as publishers:
        session = AdminSession(settings, admin)
        guard = LogGuard(session, settings.topics.log, accepted=settings.accept_topic_settings)
        router = Router(
            kafka, settings.router_group, settings.log_topic, session, guard, patience, *sizes, publishers, only
        )
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: router.stop())
        readers = router.figures.readers(lambda: patience.open_outages)
        with figures_at(settings.router_metrics_port, Part.ROUTER, readers, _health(router, patience)):
            began()
            router.run()
    return 0


def _health(router: Router, patience: Patience) -> Callable[[], dict[str, Any]]:
    began = time.monotonic()

    def health() -> dict[str, Any]:
        figures = router.figures
        return {
            "status": "unwell" if patience.complaint else "ok",
            "reason": patience.complaint,
            "lag": figures.lag,
            "routed": figures.routed,
            "refused": figures.refused,
            "seconds": round(time.monotonic() - began, 3),
        }

    return health
