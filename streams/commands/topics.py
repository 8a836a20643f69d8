"""`dompet topics`: the topics as declared."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.kafka.topics import TopicReport
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 3)


@with_settings("kafka", "log_topic", "home")
def topics(
    settings: "Settings",
) -> int:
    """Create the topics that are missing; say where one differs.

    A topic that is there already is never changed. Exits with 1 where a setting differs from the declared one.
    """
    from rich.text import Text

    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.terminal.console import out

    settings = with_kafka(settings)
    reports = made_topics(settings)
    for report in reports:
        state = "created" if report.created else "differs" if report.differences else "as declared"
        style = "yellow" if report.differences else "green"
        out.print(Text.assemble(report.name, ": ", (state, style)), soft_wrap=True)
        for difference in report.differences:
            out.print(f"  {difference}", soft_wrap=True, markup=False)
    return int(any(report.differences for report in reports))


def made_topics(settings: "Settings") -> "list[TopicReport]":
    """Every topic of the settings, created where it was missing."""
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.kafka.topics import ensure_topics

    return ensure_topics(admin_client(settings), settings.topics)
