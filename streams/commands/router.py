"""`dompet router`: publishers' inboxes into the log."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 5)


@with_settings(
    "kafka",
    "log_topic",
    "home",
    "router_group",
    "router_publishers",
    "router_lease_seconds",
    "router_metrics_port",
    "accept_topic_settings",
    "batch",
    "batch_bytes",
    "outage_seconds",
    "log_format",
)
def router(settings: "Settings") -> int:
    """Put what publishers wrote into their inboxes on the log until Ctrl-C.

    Each record once, in its person's order; what is not its owner's, or cannot be read, goes to the dead letters of
    that inbox. Any number of routers share the inboxes.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.router.run import run_router
    from dompet.streams.terminal.console import note

    settings = with_kafka(settings)
    return run_router(settings, lambda: note(f"routing inboxes to {settings.log_topic}; Ctrl-C stops"))
