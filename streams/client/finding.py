"""What a check of a way in finds."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One step of a check. `problem` is empty where it went well."""

    step: str
    said: str
    problem: str
