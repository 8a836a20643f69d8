"""Become a command that ends when its parent does: ``parent_guard.py PARENT_PID SIGNAL COMMAND [ARGUMENT ...]``.

The kernel's parent-death signal (prctl(2), PR_SET_PDEATHSIG) comes however the parent ends, a kill -9 included, and it
survives exec: a process that asks for it and then becomes the command needs nobody to watch it. A program of its own
asks, not a hook between fork and exec: such a hook may deadlock a parent that has threads.
"""

import ctypes
import os
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """Replace this process by the command; return only if the parent has ended already."""
    if sys.platform != "linux":
        sys.exit("a server that ends with its parent needs Linux: elsewhere, name one that runs already")
    parent, death_signal, *command = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(int(death_signal)), 0, 0, 0) != 0:
        sys.exit(f"cannot ask for the parent-death signal: {os.strerror(ctypes.get_errno())}")
    # A parent that ended before the call above sends no signal any more.
    if os.getppid() != int(parent):
        return
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
