"""What to ask of the demonstration's data next."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, Final

from rich.console import Console
from rich.text import Text

QUERIES: Final = {
    "what became of the orders": "SELECT state, count(), sum(price) FROM orders GROUP BY state",
    "whose incentives an officer should look at": "SELECT platform_id, flags, count() FROM held"
    " GROUP BY platform_id, flags",
    "money that moved and was never settled": "SELECT beneficiary_id, type, amount, reason, since FROM exceptions"
    " WHERE settled = 'no' ORDER BY amount DESC LIMIT 10",
}
"""What to ask next, and how."""
COMMANDS: Final = {
    "one person's whole history": "wallet {busiest}",
    "whether the money is conserved": "check",
    "how far orders came, by wave": "funnel --by wave",
}
"""The same in dompet's own words."""


def print_next_steps(console: Console, busiest: str, flags: Mapping[str, Any]) -> None:
    """Print what to ask next, as lines to paste. `flags` are those of this run; `busiest` is a person."""
    console.print(Text("\nWhat to ask next", "bold"))
    given = {name: value for name, value in flags.items() if name in ("config", "home", "warehouse") and value}
    if "@" in str(given.get("warehouse", "")):
        console.print("  (with the --warehouse of this run, whose password is not shown)")
        del given["warehouse"]
    words = "".join(f" --{name} {quote(str(value))}" for name, value in given.items())
    asked = {purpose: f'query{words} "{sql}"' for purpose, sql in QUERIES.items()}
    asked |= {purpose: command.format(busiest=busiest) + words for purpose, command in COMMANDS.items()}
    for purpose, line in asked.items():
        console.print(Text(f"  {purpose}:", "dim"))
        console.print(Text(f"    {program()} {line}"), soft_wrap=True)
    console.print(Text.assemble(("\nIn a browser", "bold"), f"  {program()} serve{words}"), soft_wrap=True)


def program() -> str:
    """How to call dompet again from here: by its name if a shell finds this very one, else by its path."""
    script = Path(sys.executable).with_name("dompet")
    found = shutil.which("dompet")
    if found and Path(found).samefile(script):
        return "dompet"
    if script.is_file():
        return quote(os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script))
    return f"{quote(sys.executable)} -m dompet.streams.cli"
