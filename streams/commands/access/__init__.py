"""Say who may enter the pages and the API, and with which roles."""

from typing import Final

PLACE: Final = ("Run", 6)
