"""For Faust's own command line: `faust -A dompet.streams.app worker`, with dompet's settings from the environment."""

import sys

from dompet.streams.process.memory import prepare_process

prepare_process()  # before what is imported now starts threads

from dompet.schemas.errors import DompetError  # noqa: E402
from dompet.streams.commands.local_engine import engine_of  # noqa: E402
from dompet.streams.commands.local_kafka import with_kafka  # noqa: E402
from dompet.streams.settings import read_settings  # noqa: E402
from dompet.streams.worker.application import create_app  # noqa: E402

try:
    settings = with_kafka(read_settings())
    app = create_app(settings, beside=engine_of(settings))
except DompetError as error:
    sys.exit(f"dompet: {error}")
