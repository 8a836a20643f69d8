"""The router beside a worker: `dompet router` as a child process, ended with the command that started it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dompet.streams.commands.local_child import beside, log_file
from dompet.streams.commands.local_ports import figures_port
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import note

_NAMES: Final = ("kafka", "log_topic", "home", "router_group", "router_lease_seconds", "log_format")


@contextmanager
def router_of(settings: Settings) -> Iterator[None]:
    """A router of all inboxes while the block runs. Raises NotStarted."""
    figures = figures_port(settings.router_metrics_port, "the router", "--router-metrics-port")
    with beside("router", settings, _NAMES, router_metrics_port=figures):
        note(f"inboxes are routed to {settings.log_topic} (log: {log_file(settings.home, 'router')})")
        yield
