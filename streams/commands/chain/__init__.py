"""Heads of the hash chain over the log, for publication."""

from typing import Final

PLACE: Final = ("Data", 9)
