"""The pages beside a worker: `dompet serve` as a child process, ended with the command that started it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dompet.infra.ports import is_free
from dompet.streams.commands.local_child import log_file, started
from dompet.streams.commands.local_ports import figures_port
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import note

_STOP_LIMIT_S: Final = 15.0


@contextmanager
def pages_of(settings: Settings) -> Iterator[None]:
    """The pages on the settings' port while the block runs, or a line that says why not. Raises NotStarted."""
    port = settings.serve_port
    if not is_free(port):
        note(f"port {port} is taken: there are no pages (--serve-port)")
        yield
        return
    names = ("kafka", "warehouse", "log_topic", "home", "serve_port", "log_format")
    figures = figures_port(settings.serve_metrics_port, "the pages", "--serve-metrics-port")
    given = {name: getattr(settings, name) for name in names} | {"serve_metrics_port": figures}
    pages = started("serve", settings, given)
    note(f"the pages are at http://127.0.0.1:{port}/ (log: {log_file(settings.home, 'serve')})")
    try:
        yield
    finally:
        pages.stop(_STOP_LIMIT_S)
