"""What Faust needs to end well: a worker that ends with one sentence and a code.

Faust's own Kafka client is not started (see `NoKafka`). In faust-streaming 0.15 it empties channels at every
rebalancing, and waits for ever where a broker leaves while it starts. Services read the log and the catalogue with
confluent-kafka, and agents take what these put on channels.

Methods of Faust and of mode that begin with an underscore are no promise of theirs. Two are overridden here, as
faust-streaming 0.15.3 and mode-streaming 0.7.1 have them; `check_overrides` says so where the installed ones differ:

- `mode.Worker._schedule_shutdown(self, signal)`: called by every signal that ends a worker, in the event loop. Ours
  first ends every wait for a server, and bounds the stop.
- `mode.Worker._sentinel_task(self)`: awaited once, after the event loop's tasks were cancelled. Theirs sleeps for a
  second; ours waits for those tasks.
"""

import asyncio
import inspect
import logging
import os
import signal
import threading
from collections.abc import Mapping
from importlib.metadata import version
from signal import Signals
from types import MappingProxyType
from typing import Any, Final, NoReturn

import faust
import mode
from faust.app.base import BootStrategy

from dompet.schemas.errors import DompetError
from dompet.streams.process.logs import hush_asyncio, report
from dompet.streams.process.patience import Stopping

STOP_LIMIT_S: Final = 5.0
_NOT_BEGUN: Final = 2
_OVERRIDDEN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"_schedule_shutdown": ("self", "signal"), "_sentinel_task": ("self",)}
)
"""The private methods of mode's worker that are overridden, with the arguments that they had when they were read."""
_READ_IN: Final = "0.7.1"
"""The version of mode-streaming in which they were read."""
log = logging.getLogger("dompet")


class OtherFaust(DompetError):
    """The installed Faust is not the one that the worker was written for."""


def check_overrides(theirs: type = mode.Worker) -> None:
    """OtherFaust where a private method that is overridden here is missing, or takes other arguments."""
    for name, arguments in _OVERRIDDEN.items():
        found = getattr(theirs, name, None)
        if found is None or tuple(inspect.signature(found).parameters) != arguments:
            raise OtherFaust(
                f"mode-streaming {version('mode-streaming')} has no {theirs.__name__}.{name}({', '.join(arguments)}), "
                f"which dompet's worker overrides: install mode-streaming {_READ_IN}"
            )


class NoKafka(BootStrategy):
    """What Faust starts: web server, agents and services, and no Kafka client of its own.

    Without one there is no rebalancing of Faust's, so nothing suspends or empties channels.
    """

    enable_kafka = False


class Worker(faust.Worker):
    """Ends with one sentence and a code, within STOP_LIMIT_S of being asked to."""

    def __init__(self, app: faust.App, *services: Any, **options: Any) -> None:
        super().__init__(app, *services, **options)
        self.spinner = None  # writes cursor codes even into a pipe
        self.failure: BaseException | None = None
        self.interrupted = False
        self._signalled = False
        self._stopping = False
        self._begun = False
        self._limit = threading.Timer(STOP_LIMIT_S, self._leave)
        self._limit.daemon = True

    def fail(self, reason: BaseException) -> None:
        """Stop in order, as a signal would, and remember why. Only from the main thread.

        mode's own `crash` breaks the stop off half-way: the source would not leave its consumer group.
        """
        if not isinstance(reason, Stopping):
            self.failure = self.failure or reason
            signal.raise_signal(signal.SIGTERM)

    def _schedule_shutdown(self, signal: Signals) -> None:
        self.interrupted = self.interrupted or signal == Signals.SIGINT
        self._signalled = True
        self._begin_to_stop()
        super()._schedule_shutdown(signal)

    def _begin_to_stop(self) -> None:
        """Nobody waits for a server any longer, and the stop is bounded: a write that hangs, or a broker that is away,
        would hold it for minutes. What Faust complains of from here on is that it was stopped.
        """
        if not self._stopping:
            self._stopping = True
            self.failure = self.failure or self.crash_reason
            if (pipeline := getattr(self.app, "pipeline", None)) is not None:
                pipeline.patience.stop()
            hush_asyncio()
            self._limit.start()

    def execute_from_commandline(self) -> NoReturn:
        code: Any = 0
        try:
            super().execute_from_commandline()
        except SystemExit as end:
            code = end.code
            if not self._signalled:
                self.failure = self.failure or self.crash_reason or end.__context__  # the last one: before "ready"
        finally:
            self._limit.cancel()
            self.close_parts()
        if self.failure is not None:
            log.debug("the worker failed", exc_info=self.failure)
            report(f"dompet: {sentence(self.failure)}")
            raise SystemExit(1 if self._begun else _NOT_BEGUN)
        raise SystemExit(0 if self._signalled else code)

    def begin(self) -> None:
        """Everything runs, and the log is read from now on."""
        self._begun = True

    def close_parts(self) -> None:
        """Close what the application opened beside Faust, once nothing uses it any more."""
        if (pipeline := getattr(self.app, "pipeline", None)) is not None:
            pipeline.close()

    def on_worker_shutdown(self) -> None:
        self._begin_to_stop()

    def _leave(self) -> NoReturn:
        """End at once. Nothing is lost: the checkpoints say where the next worker goes on."""
        reason = self.failure
        said = sentence(reason) if reason else "stopped without waiting any longer; the next worker folds what is left"
        report(f"dompet: {said}")
        os._exit(1 if reason else 0)

    async def _sentinel_task(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


def sentence(reason: BaseException) -> str:
    """An error as one line for a person."""
    said = str(reason).strip()
    return said.splitlines()[0] if said else type(reason).__name__
