"""What a line on stderr looks like: for people, or an object of JSON for programs. Both have the same fields.

    2026-11-30T11:10:00.123+07:00 worker INFO    dompet.worker: 500 records stored, …
    {"time": "2026-11-30T11:10:00.123+07:00", "level": "INFO", "logger": "dompet.worker", "process": "worker",
     "message": "500 records stored, …", "records": 500}

`time` is ISO 8601 with its offset, `process` the command. What a line says in numbers is there as fields of its own in
JSON: `log.info("…", extra=fields(records=500))`. Neither form shows a secret, and neither can be broken by a text from
outside.
"""

import json
import logging
import os
import sys
import threading
from datetime import datetime
from typing import Any, Final

from dompet.streams.process.secrets import redacted
from dompet.streams.process.visible import visible

LINES: Final = "lines"
JSON: Final = "json"
FORM: Final = "DOMPET_LOG_FORMAT"
"""The setting's variable."""
_FIELDS: Final = "dompet_fields"


class _Chosen:
    """What this process writes."""

    form = LINES
    process = "dompet"


def write_logs_as(form: str, process: str) -> None:
    """From here on all that this process writes to stderr is `lines` or `json`; `process` is the command."""
    _Chosen.form, _Chosen.process = form, process
    if form == JSON:
        sys.excepthook = _crashed
        threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def first_form() -> str:
    """What is written before the settings are read: as the environment says, if it says a form."""
    return JSON if os.environ.get(FORM, "").lower() == JSON else LINES


def as_json() -> bool:
    """Whether everything on stderr is JSON."""
    return _Chosen.form == JSON


def fields(**values: float | str) -> dict[str, Any]:
    """The `extra` of a log call: what its sentence says, as fields of their own. Never an id of a person."""
    return {_FIELDS: values}


def formatter() -> logging.Formatter:
    """The one that was chosen."""
    return JsonFormatter() if as_json() else LineFormatter()


class LineFormatter(logging.Formatter):
    """A log line without secrets, in which nothing from outside can begin another line or move a terminal's cursor."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(process_name)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  (logging's name)
        """The record's moment."""
        return _moment(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's own name)
        """The record's line, without its trace."""
        record.message = visible(record.message)
        record.process_name = _Chosen.process
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """The line and, where there is one, its trace."""
        return redacted(super().format(record))


class JsonFormatter(logging.Formatter):
    """A log line as one object."""

    def format(self, record: logging.LogRecord) -> str:
        """The object, in ASCII, so that no terminal obeys what is in it."""
        content = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "process": _Chosen.process,
            "message": redacted(record.getMessage()),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            content["trace"] = redacted(self.formatException(record.exc_info))
        return json.dumps(content)


def json_line(sentence: str, level: int, logger: str) -> str:
    """What somebody says who is no logger, in the same form."""
    return JsonFormatter().format(logging.LogRecord(logger, level, "", 0, "%s", (sentence,), None))


def sentence_in(written: str) -> str:
    """What the last line said that a process of dompet's wrote to stderr as its end, in either form."""
    said = written.strip()
    try:
        return str(json.loads(said.splitlines()[-1])["message"])
    except (ValueError, KeyError, TypeError, IndexError):
        return " ".join(said.split()).rpartition("dompet: ")[2]


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


def _crashed(kind: Any, error: Any, trace: Any) -> None:
    """An exception that nobody caught, of any thread."""
    record = logging.LogRecord(
        "dompet", logging.ERROR, "", 0, "%s", (f"{kind.__name__}: {error}",), (kind, error, trace)
    )
    sys.stderr.write(f"{JsonFormatter().format(record)}\n")
