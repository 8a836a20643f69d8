"""What a command needs beside the light client: the libraries of an extra, which may not be installed."""

import sys
from importlib.util import find_spec
from typing import Final

from dompet.schemas.errors import DompetError

PIPELINE: Final = "pipeline"
WEB: Final = "web"
LIGHT: Final = ""
"""What `pip install dompet` brings."""
_MODULES: Final = {PIPELINE: ("chdb", "numba", "typer"), WEB: ("starlette", "babel")}
"""Modules of each extra, which are there together only where it is installed."""


class ExtraMissing(DompetError):
    """The libraries that something needs are not installed."""


def is_installed(extra: str) -> bool:
    """Whether an extra's libraries are there."""
    return extra == LIGHT or all(module in sys.modules or find_spec(module) for module in _MODULES[extra])


def require(extra: str, what: str) -> None:
    """ExtraMissing where the libraries of an extra are not there; `what` begins its sentence."""
    if not is_installed(extra):
        raise ExtraMissing(f"{what} needs dompet[{extra}]: pip install 'dompet[{extra}]'")
