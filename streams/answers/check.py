"""The check of conservation: what differs, and the page that says so."""

from typing import Final

from rich.console import Console
from rich.text import Text

from dompet.streams.answers.asking import Ask, rows
from dompet.streams.terminal.figures import digits, plural
from dompet.streams.terminal.tables import ROWS_MAX, Row, rows_table

DIFFERENCES: Final = "SELECT law, subject, found, expected FROM differences ORDER BY law, subject"
LAWS: Final = (
    "in every wave and decree: credited = net spent + returned + remaining",
    "in every wallet: credited = balance + spent − refunded + returned, and 0 ≤ balance",
    "in every wallet: incentive_paid ≤ incentive_due, and clawback_repaid ≤ clawback_ordered",
    "every wallet is the sum of its effects in the journal",
    "on every platform: net spent by its orders = net spent by the journal",
)
"""What the view `differences` looks for, for people."""

_WAVES: Final = "SELECT * FROM conservation ORDER BY wave, decree"
_WAVE_MONEY: Final = ("total_credited", "net_spent", "total_returned", "remaining", "difference")
_PLATFORMS: Final = "SELECT * FROM platform_spending ORDER BY platform_id"
_PLATFORM_MONEY: Final = ("sold", "refunded", "net_spent", "journal_net_spent", "difference")


def differences(ask: Ask) -> tuple[int, list[Row]]:
    """How many things are not as they must be, and the first of them."""
    first = rows(ask, f"{DIFFERENCES} LIMIT {ROWS_MAX}")
    if len(first) < ROWS_MAX:
        return len(first), first
    return int(rows(ask, "SELECT count() AS number FROM differences")[0]["number"]), first


def print_check(console: Console, ask: Ask) -> int:
    """Print where the money is and what differs; how many differences there are."""
    waves, platforms = rows(ask, _WAVES), rows(ask, _PLATFORMS)
    number, first = differences(ask)
    console.print(
        rows_table(
            "Waves",
            waves,
            ("wave", "decree", "wallets", *_WAVE_MONEY),
            _WAVE_MONEY,
            ("wave",),
            ("wallets", *_WAVE_MONEY),
        )
    )
    console.print()
    sums = ("orders", *_PLATFORM_MONEY)
    console.print(rows_table("Platforms", platforms, ("platform_id", *sums), _PLATFORM_MONEY, sums=sums))
    console.print()
    if not number:
        for law in LAWS:
            console.print(Text.assemble(("✓ ", "green"), law))
    for one in first:
        sentence = f"{one['subject']}: {one['law']}: {digits(one['found'])} beside {digits(one['expected'])}"
        console.print(Text.assemble(("✗ ", "bold red"), sentence), soft_wrap=True)
    if number:
        more = f"; the first {len(first)} are shown" * (number > len(first))
        console.print(Text(f"{plural(number, 'difference')}{more}", "bold red"))
    return number
