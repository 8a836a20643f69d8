"""The commands of `dompet`, a file for each; a folder for those of two words. A new file is a new command."""

from typing import Final

PANELS: Final = ("Start here", "Answers", "Run", "Money", "Data")
"""The panels of the help page, in their order."""
SHARED: Final = frozenset(
    {
        "flags",
        "local_child",
        "local_engine",
        "local_kafka",
        "local_pages",
        "local_ports",
        "local_router",
        "program",
        "rich_screen",
    }
)
"""Files here that are no commands; commands share them."""
