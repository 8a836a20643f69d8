"""What Faust needs to fail well: a worker that ends with one sentence and a code, and a channel that loses nothing.

Each class answers a fault of faust-streaming 0.15: agents that fail are started again without the batch they held, a
crash breaks the stop off half-way, channels are emptied at every rebalance of Faust's own consumer.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, NoReturn, TypeVar

import faust
import mode
from faust.channels import Channel
from mode.utils.queues import FlowControlEvent, ThrowableQueue

STOP_LIMIT_S: Final = 30.0
log = logging.getLogger("dompet")
_R = TypeVar("_R")


class Worker(faust.Worker):
    """Ends with one sentence and a code, within STOP_LIMIT_S."""

    def __init__(self, app: faust.App, *services: Any, **options: Any) -> None:
        super().__init__(app, *services, **options)
        self.spinner = None  # writes cursor codes even into a pipe
        self.failure: BaseException | None = None
        self.interrupted = False
        self._limit = threading.Timer(STOP_LIMIT_S, self._leave)
        self._limit.daemon = True

    def fail(self, reason: BaseException) -> None:
        """Stop in order, as a signal would, and remember why. Only from the main thread.

        mode's own `crash` ends the thread of Faust's consumer first; the stop then breaks off half-way, and the source
        never leaves its consumer group.
        """
        self.failure = self.failure or reason
        signal.raise_signal(signal.SIGTERM)

    def _on_sigint(self) -> None:
        self.interrupted = True
        super()._on_sigint()

    def execute_from_commandline(self) -> NoReturn:
        code: Any = 0
        try:
            super().execute_from_commandline()
        except SystemExit as end:
            code = end.code
            self.failure = self.failure or self.crash_reason or end.__context__  # the last one: before "ready"
        finally:
            self._limit.cancel()
            self.close_parts()
        if self.failure is None:
            raise SystemExit(code)
        log.debug("the worker failed", exc_info=self.failure)
        sys.stderr.write(f"dompet: {sentence(self.failure)}\n")
        raise SystemExit(1)

    def close_parts(self) -> None:
        """Close what the application opened beside Faust, once nothing uses it any more."""
        if (pipeline := getattr(self.app, "pipeline", None)) is not None:
            pipeline.close()

    def on_worker_shutdown(self) -> None:
        """Bound the stop: a write that hangs, or a broker that is away, would hold it for minutes."""
        self._limit.start()

    def _leave(self) -> NoReturn:
        reason = self.failure or self.crash_reason
        sys.stderr.write(f"dompet: {sentence(reason) if reason else 'the worker did not stop in time'}\n")
        sys.stderr.flush()
        os._exit(1)

    async def _sentinel_task(self) -> None:
        """Wait for the cancelled tasks themselves: mode sleeps a whole second instead."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


def sentence(reason: BaseException) -> str:
    """An error as one line for a person."""
    said = str(reason).strip()
    return said.splitlines()[0] if said else type(reason).__name__


def fail(service: mode.ServiceT, reason: BaseException) -> None:
    """Fail the worker that `service` runs in."""
    root = service.beacon.root
    if root is None or not isinstance(root.data, Worker):
        raise reason
    root.data.fail(reason)


class Part(mode.Service):
    """A service of ours: an exception in one of its tasks stops the worker in order, with exit code 1."""

    logger = logging.getLogger("faust.dompet")

    async def crash(self, reason: BaseException) -> None:
        fail(self, reason)


class FailFast(mode.SupervisorStrategy):
    """Ends the process when an agent fails: Faust's own supervisor drops the batch and starts the agent again."""

    logger = logging.getLogger("faust.dompet")

    async def restart_service(self, service: mode.ServiceT) -> None:
        if isinstance(service.crash_reason, Exception):  # not CancelledError, which is how Faust stops an agent
            fail(self, service.crash_reason)


class BatchChannel(Channel[Any]):
    """A channel outside Faust's flow control, which empties its queues at every rebalance of the catalogue."""

    @property
    def queue(self) -> ThrowableQueue[Any]:
        """The queue, never suspended."""
        if self._queue is None:
            always_on = FlowControlEvent(initially_suspended=False)
            self._queue = ThrowableQueue[Any](maxsize=self.maxsize, flow_control=always_on)
        return self._queue


async def in_thread(executor: Executor, call: Callable[..., _R], *args: Any) -> _R:
    """The call's result, made in the executor. If cancelled, ends only once the call is over: a thread cannot be
    cancelled, and what it writes must not be cut off from what waits for it.
    """
    running = asyncio.get_running_loop().run_in_executor(executor, call, *args)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
