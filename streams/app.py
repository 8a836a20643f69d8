"""For Faust's own command line: `faust -A dompet.streams.app worker`, with dompet's settings from the environment."""

import sys

from dompet.streams.process.memory import prepare_process

prepare_process()  # before what is imported now starts threads

from dompet.schemas.errors import DompetError  # noqa: E402
from dompet.streams.commands.local_engine import engine_of  # noqa: E402
from dompet.streams.commands.local_kafka import with_kafka  # noqa: E402
from dompet.streams.process.log_lines import write_logs_as  # noqa: E402
from dompet.streams.process.logs import report  # noqa: E402
from dompet.streams.settings import read_settings  # noqa: E402
from dompet.streams.worker.application import create_app  # noqa: E402

try:
    settings = read_settings()
    write_logs_as(settings.log_format, "worker")
    settings = with_kafka(settings)
    app = create_app(settings, beside=engine_of(settings))
except DompetError as error:
    report(f"dompet: {error}")
    sys.exit(1)
