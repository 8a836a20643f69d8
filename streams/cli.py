"""The command line: `dompet`, or `python -m dompet.streams.cli`. Its commands are the files of `streams/commands/`."""

import logging
import sys
from io import TextIOWrapper
from typing import Final

from dompet.streams import commands
from dompet.streams.command_line.endings import as_code, handle_signals
from dompet.streams.command_line.extras import PIPELINE, is_installed
from dompet.streams.process.log_lines import first_form, write_logs_as
from dompet.streams.process.logs import is_debugged, log_everything
from dompet.streams.process.memory import prepare_process

_IS_WHOLE: Final = is_installed(PIPELINE)
if _IS_WHOLE:
    from dompet.streams.commands.program import app
else:
    from dompet.streams.client.command_line import run

__all__ = ["app", "main"]


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    prepare_process()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    write_logs_as(first_form(), "dompet")
    handle_signals()
    if is_debugged():
        log_everything()
    else:
        logging.getLogger().addHandler(logging.NullHandler())  # else Python prints what libraries warn of
    if _IS_WHOLE:
        app(prog_name="dompet")
    else:
        sys.exit(as_code(run, sys.argv[1:], commands))


if __name__ == "__main__":
    main()
