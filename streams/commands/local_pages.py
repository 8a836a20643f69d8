"""The pages beside a worker: `dompet serve` as a child process, ended with the command that started it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dompet.infra.child import Child
from dompet.infra.ports import is_free
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import note

_STOP_LIMIT_S: Final = 15.0


@contextmanager
def pages_of(settings: Settings) -> Iterator[None]:
    """The pages on the settings' port while the block runs, or a line that says why there are none."""
    port, log = settings.serve_port, settings.home / "serve.log"
    if not is_free(port):
        note(f"port {port} is taken: there are no pages (--serve-port)")
        yield
        return
    given: dict[str, Any] = {"kafka": settings.kafka, "warehouse": settings.warehouse, "log_topic": settings.log_topic}
    given |= {"home": settings.home, "serve_port": port}
    variables = {f"DOMPET_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    pages = Child([sys.executable, "-m", "dompet.streams.cli", "serve"], log=log, cwd=Path.cwd(), variables=variables)
    note(f"the pages are at http://127.0.0.1:{port}/ (log: {log})")
    try:
        yield
    finally:
        pages.stop(_STOP_LIMIT_S)
