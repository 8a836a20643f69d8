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
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final, NoReturn, TypeVar

import faust
import mode
from aiokafka.errors import KafkaConnectionError
from faust.assignor import PartitionAssignor
from faust.channels import Channel
from mode.threads import ServiceThread, WorkerThread
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from dompet.streams.process.logs import hush_asyncio, is_debugged
from dompet.streams.process.patience import Stopping

STOP_LIMIT_S: Final = 5.0
START_LIMIT_S: Final = 90.0
"""How long Faust may take to begin: where the broker goes away meanwhile, its own client may wait for ever."""
_NOT_BEGUN: Final = 2
log = logging.getLogger("dompet")
_R = TypeVar("_R")


class Worker(faust.Worker):
    """Ends with one sentence and a code, within STOP_LIMIT_S of being told to."""

    def __init__(self, app: faust.App, *services: Any, **options: Any) -> None:
        super().__init__(app, *services, **options)
        self.spinner = None  # writes cursor codes even into a pipe
        self.failure: BaseException | None = None
        self.interrupted = False
        self._stopping = False
        self._begun = False
        self._start_limit = threading.Timer(START_LIMIT_S, self._give_up)
        self._start_limit.daemon = True
        self._limit = threading.Timer(STOP_LIMIT_S, self._leave)
        self._limit.daemon = True

    def fail(self, reason: BaseException) -> None:
        """Stop in order, as a signal would, and remember why. Only from the main thread.

        mode's own `crash` ends the thread of Faust's consumer first; the stop then breaks off half-way, and the source
        never leaves its consumer group.
        """
        if not isinstance(reason, Stopping):
            self.failure = self.failure or reason
            signal.raise_signal(signal.SIGTERM)

    def _on_sigint(self) -> None:
        self.interrupted = True
        super()._on_sigint()

    def _schedule_shutdown(self, signal: signal.Signals) -> None:
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
        self._start_limit.start()
        try:
            with _hushed_threads():
                super().execute_from_commandline()
        except SystemExit as end:
            code = end.code
            if not self._asked_to_stop:
                self.failure = self.failure or self.crash_reason or end.__context__  # the last one: before "ready"
        finally:
            self._start_limit.cancel()
            self._limit.cancel()
            self.close_parts()
        if self.failure is not None:
            log.debug("the worker failed", exc_info=self.failure)
            sys.stderr.write(f"dompet: {sentence(self.failure)}\n")
            raise SystemExit(1 if self._begun else _NOT_BEGUN)
        raise SystemExit(0 if self._asked_to_stop else code)

    def begin(self) -> None:
        """Everything runs, and the log is read from now on."""
        self._begun = True
        self._start_limit.cancel()

    def close_parts(self) -> None:
        """Close what the application opened beside Faust, once nothing uses it any more."""
        if (pipeline := getattr(self.app, "pipeline", None)) is not None:
            pipeline.close()

    @property
    def _asked_to_stop(self) -> bool:
        return self._signal_stop_time is not None

    def on_worker_shutdown(self) -> None:
        self._begin_to_stop()

    def _leave(self) -> NoReturn:
        """End at once. Nothing is lost: the checkpoints say where the next worker goes on."""
        reason = self.failure
        said = sentence(reason) if reason else "stopped without waiting any longer; the next worker folds what is left"
        sys.stderr.write(f"dompet: {said}\n")
        sys.stderr.flush()
        os._exit(1 if reason else 0)

    def _give_up(self) -> NoReturn:
        """End at once, so that whoever looks after the worker starts it again."""
        sys.stderr.write(
            f"dompet: the Kafka broker was away while the worker began: not begun in {START_LIMIT_S:g} s\n"
        )
        sys.stderr.flush()
        os._exit(_NOT_BEGUN)

    async def _sentinel_task(self) -> None:
        """Wait for the cancelled tasks themselves: mode sleeps a whole second instead."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def _hushed_threads() -> Iterator[None]:
    """Meanwhile Faust's threads, which a stop or a broker that is away ends by an error, print no trace of it: what
    ends the worker is told in a sentence.
    """
    if is_debugged():
        yield
        return
    tell, tell_crash = threading.excepthook, ServiceThread.on_crash

    def told(ended: threading.ExceptHookArgs) -> None:
        if not isinstance(ended.thread, WorkerThread):
            tell(ended)

    def keep_silent(*_: object, **__: object) -> None:
        """Say nothing."""

    threading.excepthook = told
    ServiceThread.on_crash = keep_silent  # type: ignore[method-assign]  # it has no other way
    try:
        yield
    finally:
        threading.excepthook = tell
        ServiceThread.on_crash = tell_crash  # type: ignore[method-assign]


def sentence(reason: BaseException) -> str:
    """An error as one line for a person."""
    if isinstance(reason, KafkaConnectionError):  # of Faust's own client, which does not say why
        return (
            "Faust's own Kafka client cannot connect: the broker does not answer any more, or refuses its settings of "
            "security (DOMPET_DEBUG=1 shows which)"
        )
    said = str(reason).strip()
    return said.splitlines()[0] if said else type(reason).__name__


def fail(service: mode.ServiceT, reason: BaseException) -> None:
    """Fail the worker that `service` runs in."""
    root = service.beacon.root
    if root is None or not isinstance(root.data, Worker):
        raise reason
    root.data.fail(reason)


def begin(service: mode.ServiceT) -> None:
    """Tell the worker that `service` runs in that everything runs."""
    root = service.beacon.root
    if root is not None and isinstance(root.data, Worker):
        root.data.begin()


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


class Assignor(PartitionAssignor):
    """Assigns what is known. Where its client lost the broker before it had heard of the topics, Faust's own fails, of
    which nobody hears, and the worker would wait for ever; this one gives nothing, and the group assigns anew once the
    client has asked again.
    """

    def _global_table_standby_assignments(self, assignments: Any, partitions_by_topic: Mapping[str, int]) -> Any:
        changelogs = {table.changelog_topic.get_topic_name() for table in self.app.tables.values()}
        if not changelogs <= partitions_by_topic.keys():
            return assignments
        return super()._global_table_standby_assignments(assignments, partitions_by_topic)


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
