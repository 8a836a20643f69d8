"""For Faust's own command line: `faust -A dompet.streams.app worker`, with dompet's settings from the environment."""

import sys

from dompet.schemas.errors import DompetError
from dompet.streams.application import create_app
from dompet.streams.commands.local_kafka import with_kafka
from dompet.streams.settings import read_settings

try:
    app = create_app(with_kafka(read_settings()))
except DompetError as error:
    sys.exit(f"dompet: {error}")
