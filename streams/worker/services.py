"""Services and agents whose failure ends the worker, and the threads that they wait for."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

import mode

from dompet.streams.worker.faust_parts import Worker

_R = TypeVar("_R")


def fail(service: mode.ServiceT, reason: BaseException) -> None:
    """Fail the worker that `service` runs in."""
    root = service.beacon.root
    if root is None or not isinstance(root.data, Worker):
        raise reason
    root.data.fail(reason)


def begin(service: mode.ServiceT) -> None:
    """Report to the worker that `service` runs in that everything runs."""
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
