"""A worker in a process of its own, with its settings from the environment: prints how many records it has stored.

With an argument it folds to the log's end and ends there.
"""

import sys

from dompet.schemas.errors import DompetError
from dompet.streams.settings import read_settings
from dompet.streams.worker import run_worker

_seen = -1


def told(stored: int, total: int) -> None:
    """One line whenever something was stored."""
    global _seen  # noqa: PLW0603
    if stored != _seen:
        _seen = stored
        print(stored, flush=True)


if __name__ == "__main__":
    try:
        code = run_worker(read_settings(), until_end=len(sys.argv) > 1, progress=told)
    except DompetError as error:
        sys.stderr.write(f"dompet: {error}\n")
        code = 2
    sys.exit(code)
