"""Where log lines go: stderr, one line each; the frameworks' only where something is wrong. What a line looks like:
`log_lines`.
"""

import logging
import os
import sys
import time
from typing import Any, Final

from dompet.streams.process.log_lines import as_json, formatter, json_line
from dompet.streams.process.secrets import redacted
from dompet.streams.process.visible import visible

DEBUG: Final = "DOMPET_DEBUG"
_SILENT: Final = logging.CRITICAL + 1
"""For frameworks: a crash is one sentence of ours, which Faust would report three times, with traces."""


_MINUTE_S: Final = 60.0


def is_debugged() -> bool:
    """Whether DOMPET_DEBUG shows everything, frameworks included."""
    return bool(os.environ.get(DEBUG))


def log_everything() -> None:
    """Show all log lines on stderr, frameworks included, as DOMPET_DEBUG asks for."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])


def report(text: str) -> None:
    """Write the sentence by which a command ends to stderr, without secrets; in JSON as an object."""
    said = json_line(text.removeprefix("dompet: "), logging.ERROR, "dompet") if as_json() else None
    sys.stderr.write((said or visible(redacted(text), allowed="\n\t")) + "\n")
    sys.stderr.flush()


class Sparingly:
    """Lines of one kind, of which there may be any number: `burst` of them in a minute, then how many were left out."""

    def __init__(self, to: logging.Logger, burst: int = 10) -> None:
        self._to = to
        self._burst = burst
        self._begun = 0.0
        self._logged = self._left_out = 0

    def warning(self, line: str, *values: object) -> None:
        """Write the line, or count it."""
        now = time.monotonic()
        if now - self._begun >= _MINUTE_S:
            if self._left_out:
                self._to.warning("%d more lines like these were left out", self._left_out)
            self._begun, self._logged, self._left_out = now, 0, 0
        if self._logged < self._burst:
            self._logged += 1
            self._to.warning(line, *values)
        else:
            self._left_out += 1


def hush_asyncio() -> None:
    """From here on asyncio reports no errors that nobody asked a task for: a framework that is stopped leaves its
    tasks to end by such.
    """
    if not is_debugged():
        logging.getLogger("asyncio").setLevel(_SILENT)


def logging_config() -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    debug = is_debugged()
    quiet = {name: {"level": "NOTSET" if debug else _SILENT} for name in ("mode", "faust", "aiokafka")}
    quiet["rdkafka"] = {"level": "NOTSET" if debug else "CRITICAL"}
    quiet["aiohttp"] = {"level": "NOTSET" if debug else "CRITICAL"}  # of requests that are none
    quiet["clickhouse_driver"] = {"level": "NOTSET" if debug else "ERROR"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "DEBUG" if debug else "INFO", "handlers": ["stderr"]},
        "loggers": quiet,
    }
