"""The pages beside a worker: `dompet serve` as a child process, ended with the command that started it."""

from collections.abc import Iterator
from contextlib import contextmanager

from dompet.infra.ports import check_free
from dompet.streams.commands.local_child import beside, log_file
from dompet.streams.commands.local_ports import figures_port, netloc, unusable
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import note


@contextmanager
def pages_of(settings: Settings) -> Iterator[None]:
    """The pages at the settings' address while the block runs, or a line that says why not. Raises NotStarted."""
    host, port = settings.serve_host, settings.serve_port
    try:
        check_free(port, host)
    except OSError as error:
        note(f"{unusable(host, port, error)}: there are no pages (--serve-port)")
        yield
        return
    names = ("kafka", "warehouse", "log_topic", "home", "serve_host", "serve_port", "log_format")
    figures = figures_port(settings.serve_metrics_port, "the pages", "--serve-metrics-port")
    with beside("serve", settings, names, serve_metrics_port=figures):
        note(f"the pages are at http://{netloc(host, port)}/ (log: {log_file(settings.home, 'serve')})")
        yield
