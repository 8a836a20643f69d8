"""Say who may put events in: platforms, institutions and the programme, with their tokens and keys."""

from typing import Final

PLACE: Final = ("Run", 7)
