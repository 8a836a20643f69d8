"""The engine of an embedded warehouse, as commands have it: the one that runs, else a child that ends with them."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from dompet.infra.child import Child
from dompet.infra.errors import EngineError
from dompet.infra.ports import is_free
from dompet.streams.commands.local_child import NotStarted, log_file, started
from dompet.streams.commands.local_ports import figures_port
from dompet.streams.process.log_lines import sentence_in
from dompet.streams.settings import Settings
from dompet.streams.settings.declaration import declared_settings
from dompet.streams.terminal.console import note
from dompet.streams.terminal.figures import Stopwatch
from dompet.streams.warehouse.engine_http import engine_answers
from dompet.streams.warehouse.holder import CANNOT_BE_ASKED, CANNOT_LISTEN

log = logging.getLogger("dompet.child")

_START_LIMIT_S: Final = 60.0
_SILENT_LIMIT_S: Final = 120.0
"""An engine may have to wait for its turn on a busy machine. Once in hundreds of starts chDB waited for ever while it
opened its folder.
"""
_BUSY_LIMIT_S: Final = 15.0
"""How long another process may have the folder open that is no engine."""
_REFUSED: Final = 2
_STOP_LIMIT_S: Final = 30.0
_LOOK_S: Final = 0.05
_WATCH_S: Final = 0.5
_ASK_S: Final = 5.0
"""How often one that runs is asked whether it answers."""


class LocalEngine:
    """An engine for the settings' embedded warehouse: the one that runs, else a child of this process. Where it ends,
    whichever process started it, another one is started; a child that does not answer for `silent_s` seconds is killed.
    """

    def __init__(self, settings: Settings, folder: Path, silent_s: float = _SILENT_LIMIT_S) -> None:
        self._settings = settings
        self._folder = folder
        self._log = log_file(settings.home, "engine")
        self._silent_s = silent_s
        self._child: Child | None = None
        self._guests_port = self._metrics_port = 0
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="watches the engine", daemon=True)

    def begin(self) -> None:
        """Start an engine where none answers; it need not answer yet. Raises NotStarted."""
        if not engine_answers(self._folder):
            self._start()

    def wait(self) -> None:
        """Return once an engine answers, and see to it from then on. EngineError where that takes too long."""
        watch = Stopwatch()
        while not engine_answers(self._folder):
            if self._child is None or not self._child.running:
                self._begin_again(watch.seconds)
            elif watch.seconds > _START_LIMIT_S:
                raise EngineError(f"the engine did not answer within {_START_LIMIT_S:.0f} s, see {self._log}")
            time.sleep(_LOOK_S)
        self._watching.start()
        if self._child and self._child.running and self._guests_port:
            note(f"BI tools and notebooks ask at http://127.0.0.1:{self._guests_port}, read-only")

    def stop(self) -> None:
        """End the engine, if it is this process's child."""
        self._over.set()
        if self._watching.is_alive():
            self._watching.join()
        if self._child:
            self._child.stop(_STOP_LIMIT_S)

    def _begin_again(self, waited_s: float) -> None:
        """After a child that ended as it started. Where another process has the folder open, there is an engine soon,
        or the folder is free.
        """
        said = sentence_in(self._child.last_lines()) if self._child else ""
        if self._guests_port and CANNOT_LISTEN in said:  # another engine was faster
            self._start(free_for_guests=False)
            return
        if self._child and (self._child.returncode != _REFUSED or CANNOT_BE_ASKED not in said):
            raise EngineError(f"the engine ended while it started, see {self._log}: {said or 'it wrote nothing'}")
        if waited_s > _BUSY_LIMIT_S:
            raise EngineError(said)
        time.sleep(_WATCH_S)
        if not engine_answers(self._folder):
            self._start()

    def _start(self, *, free_for_guests: bool = True) -> None:
        settings, port = self._settings, self._settings.engine_port
        if port and not (free_for_guests and is_free(port)):
            note(f"port {port} is taken: the engine answers dompet's own processes only (--engine-port)")
            port = 0
        self._guests_port = port
        given = {name: getattr(settings, name) for name in declared_settings() if name.startswith("engine_")}
        given |= {"warehouse": settings.warehouse, "home": settings.home, "engine_port": port}
        given |= {"in_front_of": "none", "log_format": settings.log_format, "engine_metrics_port": self._figures_port()}
        self._child = started("engine", settings, given)

    def _figures_port(self) -> int:
        """Said once: an engine that takes the place of another has its port, or says in its log that it has not."""
        if self._child is None:
            port = self._settings.engine_metrics_port
            self._metrics_port = figures_port(port, "the engine", "--engine-metrics-port")
        return self._metrics_port

    def _watch(self) -> None:
        answered = asked = time.monotonic()
        while not self._over.wait(_WATCH_S):
            now = time.monotonic()
            if self._child is not None and self._child.running:
                if now - asked < min(_ASK_S, self._silent_s):
                    continue
                asked = now
                if engine_answers(self._folder):
                    answered = time.monotonic()
                elif now - answered > self._silent_s:
                    log.warning(
                        "the engine did not answer for %.0f s: it is killed, and another one started", now - answered
                    )
                    self._child.kill()
            elif not engine_answers(self._folder) and not self._over.is_set():
                with suppress(NotStarted):  # the system may give a process at the next look
                    self._start()
                self._over.wait(_WATCH_S)
                answered = asked = time.monotonic()


@contextmanager
def engine_of(settings: Settings, meanwhile: Callable[[], None] = lambda: None) -> Iterator[None]:
    """An engine for the settings' warehouse while the block runs; nothing where the warehouse is a server. `meanwhile`
    is called while it starts: what else takes its time.

    EngineError or NotStarted where it cannot be started.
    """
    folder = settings.warehouse_folder
    if folder is None:
        yield
        return
    engine = LocalEngine(settings, folder)
    try:
        engine.begin()
        meanwhile()
        engine.wait()
        yield
    finally:
        engine.stop()
