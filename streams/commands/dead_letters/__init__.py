"""Look at records that break their contract; redrive or discard them."""

from typing import Final

PLACE: Final = ("Run", 6)
