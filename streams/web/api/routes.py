"""The API's routes, as data."""

from typing import Final

from dompet.streams.web.core.routes import Page

API: Final[tuple[Page, ...]] = ()
