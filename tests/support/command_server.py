"""What forks for each command, its modules loaded: `python -m tests.support.command_server FD`.

What loads chDB stays out: its threads begin as soon as it is loaded, and a fork has none of them.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import dompet.streams
from dompet.streams.cli import main
from dompet.streams.pipeline.warming import warm_up
from dompet.streams.process.memory import prepare_process
from dompet.streams.terminal.console import out

REQUEST_BYTES_MAX = 1 << 17


def load() -> None:
    """Load every module of the commands, their libraries and compiled loops; not chDB, and what needs it at once."""
    prepare_process()
    sys.modules["chdb"] = None  # type: ignore[assignment]  # what Python takes for "not to be imported"
    for module in pkgutil.walk_packages(dompet.streams.__path__, "dompet.streams."):
        if module.name != "dompet.streams.app":  # it reads the settings
            try:
                importlib.import_module(module.name)
            except ImportError:
                continue
    del sys.modules["chdb"]
    warm_up()
    gc.freeze()


def serve(requests: socket.socket) -> None:
    """Fork for every request; returns in the process that is to run a command, set up for it.

    A request is the command's arguments, folder and environment in JSON, and four files: its stdin, stdout and stderr,
    and where its process id and then its exit code are written, a line each.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that nobody need wait for those who wait for a command
    while True:
        content, files, _, _ = socket.recv_fds(requests, REQUEST_BYTES_MAX, 4)
        if not content:
            os._exit(0)
        if not os.fork():
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if not (pid := os.fork()):
                os.close(files.pop())
                _take(json.loads(content), files)
                return
            os.write(files[3], b"%d\n" % pid)
            os.write(files[3], b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            os._exit(0)
        for file in files:
            os.close(file)


def _take(request: Mapping[str, Any], files: Sequence[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if "COLUMNS" in os.environ:  # else read once, as the module is loaded
        out.width = int(os.environ["COLUMNS"])
    sys.argv[1:] = request["arguments"]


def finish(code: object) -> None:
    """End as Python ends, but without taking all modules apart, which takes longer than many a command."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for the threads that are no daemons
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    load()
    serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        main()
    except SystemExit as end:
        finish(end.code)
