"""The pages, as data."""

from typing import Final

from dompet.streams.access.roles import EVERYBODY, SUMS
from dompet.streams.web.core.routes import Page
from dompet.streams.web.pages.lists import one_list
from dompet.streams.web.pages.programme import programme
from dompet.streams.web.pages.reader import choose_language

PAGES: Final[tuple[Page, ...]] = (
    Page("/", programme, SUMS),
    Page("/list/{name}", one_list, SUMS),
    Page("/language", choose_language, EVERYBODY, stored=False),
)
