"""Load and list platforms, institutions and courses."""

from typing import Final

PLACE: Final = ("Data", 8)
