"""How the tables of the demonstration's report look, and how they fit a terminal from 80 columns on."""

from dataclasses import dataclass
from typing import Final

from rich.table import Table
from rich.text import Text

from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, digits, rupiah

_HEADINGS: Final = {"net": "net to\ninstitutions", "net_spent": "net spent"}


@dataclass(frozen=True)
class Layout:
    """How wide a table is: whether amounts say that they are rupiah, how far apart columns are."""

    currency: bool
    gap: int
    completed: str = "completed"

    def cell(self, name: str, number: int) -> str:
        """A number as its column shows it."""
        if name in ("completed", "wallets"):
            return count(number)
        return self.amount(number)

    def amount(self, number: int) -> str:
        """Rupiah."""
        return rupiah(number) if self.currency else digits(number)

    def heading(self, name: str) -> str:
        """What is over a column."""
        return self.completed if name == "completed" else _HEADINGS.get(name, name)

    def about(self, sentence: str) -> str:
        """What a table is about, and the currency where the amounts don't say it."""
        return sentence if self.currency else f"{sentence}, in rupiah"


LAYOUTS: Final = (Layout(True, 3), Layout(True, 2), Layout(False, 3), Layout(False, 2), Layout(False, 1, "finished"))
"""From the roomiest on."""


def report_table(title: str, sentence: str, layout: Layout) -> Table:
    """An empty table of the report: a title, a sentence about it, a line above its sums."""
    return Table(
        title=Text.assemble((title, "bold"), f"  {sentence}" * bool(sentence)),
        title_style="",
        title_justify="left",
        caption_style="dim",
        caption_justify="left",
        box=RULED,
        show_edge=False,
        show_footer=True,
        padding=(0, layout.gap - 1, 0, 0),
        pad_edge=False,
        header_style="bold",
        footer_style="bold",
    )
