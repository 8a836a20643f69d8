"""Where log lines go: stderr, one line each; the frameworks' only where something is wrong."""

import logging
import os
from typing import Any, Final

DEBUG: Final = "DOMPET_DEBUG"
_SILENT: Final = logging.CRITICAL + 1  # a crash is told in one sentence; Faust would tell it three times, with traces


def is_debugged() -> bool:
    """Whether DOMPET_DEBUG shows everything, frameworks included."""
    return bool(os.environ.get(DEBUG))


def hush_asyncio() -> None:
    """From here on asyncio tells nothing of errors that nobody asked a task for: a framework that is stopped leaves its
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
        "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "DEBUG" if debug else "INFO", "handlers": ["stderr"]},
        "loggers": quiet,
    }
