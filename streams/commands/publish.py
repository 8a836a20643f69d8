"""`dompet publish`: JSON Lines into the log."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 1)


@with_settings("kafka", "log_topic", "home")
def publish(
    settings: "Settings",
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines, an event a line; - reads standard input.")],
    on_error: Annotated[
        Literal["stop", "skip"], typer.Option(help="At a line that is no event: stop there, or leave it out.")
    ] = "stop",
) -> int:
    """Publish events from JSON Lines, in order per person.

    Every event that is counted was acknowledged by the broker. A bad line is reported as file:line and what is wrong
    with it, and makes the exit code 2.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.publish import Publisher
    from dompet.streams.publish.lines import OnError, publish_lines
    from dompet.streams.terminal.console import bar, done, note
    from dompet.streams.terminal.figures import Stopwatch, plural, speed

    settings = with_kafka(settings)
    with ExitStack() as stack:
        lines = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
        if lines.isatty():
            note("reading events from the terminal, one a line; Ctrl-D ends")
        size = 0 if file == "-" else Path(file).stat().st_size
        publisher = stack.enter_context(
            Publisher(str(settings.kafka), settings.topics.log.name, settings.client_config())
        )
        watch = Stopwatch()
        with bar(f"publishing {file}", size, as_share=True) as show:
            result = publish_lines(
                publisher,
                lines,
                file,
                on_error=OnError(on_error),
                complain=_complain,
                progress=lambda bytes_read: show(bytes_read, size),
            )
    done(f"published {plural(result.published, 'event')} {speed(result.published, watch.seconds)}")
    if result.bad:
        note("stopped at the first bad line" if on_error == "stop" else f"left out {plural(result.bad, 'bad line')}")
    return 2 if result.bad else 0


def _complain(sentence: str) -> None:
    from dompet.streams.terminal.console import err

    err.print(sentence, soft_wrap=True, markup=False)
