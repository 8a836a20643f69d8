"""`dompet engine`: the embedded warehouse as a process of its own, which answers as ClickHouse does."""

from typing import TYPE_CHECKING, Final

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 3)


@with_settings(
    "warehouse",
    "home",
    "in_front_of",
    "engine_port",
    "engine_metrics_port",
    "log_format",
    "engine_seconds",
    "engine_memory_mb",
    "engine_rows",
    "engine_sent_mb",
    "engine_queries",
    "engine_queries_a_user",
    "engine_waiting",
)
def engine(settings: "Settings") -> int:
    """Run the embedded warehouse until Ctrl-C, for workers, commands and any client of ClickHouse's HTTP interface.

    Guests, that is BI tools, notebooks and all other clients at http://127.0.0.1:8123, may only read, within limits of
    time, memory and rows. `dompet worker` and `dompet up` start an engine by themselves where none runs. With
    `--in-front-of URL` the guests of a ClickHouse server are answered so.
    """
    import logging.config

    from dompet.streams.engine.limits import Limits
    from dompet.streams.engine.run import run_engine
    from dompet.streams.process.logs import logging_config
    from dompet.streams.settings.checks import without_secrets as shown
    from dompet.streams.terminal.console import done, note

    server, folder = settings.in_front_of, settings.warehouse_folder
    if not server and folder is None:
        raise DompetError(f"{settings.warehouse_shown} is a server: `--in-front-of URL` answers the guests of one")
    if server and not settings.engine_port:
        raise DompetError("in front of a server only guests ask, so it takes a port for them (--engine-port)")
    logging.config.dictConfig(logging_config())

    def began() -> None:
        done(
            f"the engine is in front of {shown(server)}" if server else f"the engine holds {shown(settings.warehouse)}"
        )
        if settings.engine_port:
            note(f"guests ask at http://127.0.0.1:{settings.engine_port}, read-only; Ctrl-C stops")

    limits = Limits.of(settings)
    if server:
        from dompet.streams.engine.in_front.run import run_in_front_of

        run_in_front_of(server, settings.engine_port, limits, began, settings.engine_metrics_port)
    elif folder:
        run_engine(folder, settings.engine_port, limits, began, settings.engine_metrics_port)
    return 0
