"""What a command says of a question that takes long: what it waits for."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dompet.streams.terminal.figures import plural
from dompet.streams.warehouse.engine_http import engine_health
from dompet.streams.warehouse.holder import holder_of

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

_AFTER_S: Final = 3.0


@contextmanager
def waiting_reported(settings: "Settings") -> Iterator[None]:
    """Say once what is waited for, where the block takes more than three seconds."""
    timer = threading.Timer(_AFTER_S, _report, (settings,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _report(settings: "Settings") -> None:
    from dompet.streams.terminal.console import note  # few need it, and it takes a while to load

    note(what_is_waited_for(settings))


def what_is_waited_for(settings: "Settings") -> str:
    """Whose answer is waited for, and what else that one does, as far as it says so."""
    holder = holder_of(settings.warehouse_folder) if settings.warehouse_folder else None
    if holder is None:
        return f"waiting for {settings.warehouse_shown}; Ctrl-C ends the query"
    who = f"waiting for the engine (process {holder.pid})"
    try:
        health = json.loads(engine_health(holder))
        running, waiting = int(health["running"]), int(health["waiting"])
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return f"{who}, which does not say what it does; Ctrl-C ends the query"
    return f"{who}: {plural(running, 'guest query', 'guest queries')} at work, {waiting} in line; Ctrl-C ends this one"
