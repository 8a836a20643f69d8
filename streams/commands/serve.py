"""`dompet serve`: pages for people and an API for programs."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.extras import WEB
from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 4)


@with_settings(
    "serve_host",
    "serve_port",
    "serve_metrics_port",
    "serve_names",
    "serve_proxy_header",
    "kafka",
    "warehouse",
    "home",
    "log_topic",
    "group",
    "engine_port",
    "engine_metrics_port",
    "log_format",
    extra=WEB,
)
def serve(settings: "Settings") -> int:
    """Serve the pages and the API until Ctrl-C.

    On this machine alone nobody needs to sign in; at any other address it takes entries, which `dompet access add`
    makes. Several may run side by side.
    """
    from dompet.streams.commands.local_engine import engine_of
    from dompet.streams.commands.local_kafka import running_on
    from dompet.streams.commands.local_ports import need_free, netloc
    from dompet.streams.terminal.console import note
    from dompet.streams.web.serve import serve as served

    need_free(settings.serve_port, "--serve-port", settings.serve_host)
    if not settings.kafka:
        settings = settings.changed(kafka=running_on(settings))
    with engine_of(settings):
        note(f"the pages are at http://{netloc(settings.serve_host, settings.serve_port)}/; Ctrl-C stops")
        return served(settings)
