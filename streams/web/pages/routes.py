"""The pages, as data."""

from typing import Final

from dompet.streams.access.roles import EVERYBODY, PERSONS, SUMS
from dompet.streams.web.core.routes import Page
from dompet.streams.web.pages.course import course
from dompet.streams.web.pages.lists import one_list
from dompet.streams.web.pages.person import event, export, find, person
from dompet.streams.web.pages.programme import programme
from dompet.streams.web.pages.reader import choose_language
from dompet.streams.web.pages.sheets import CATALOGUE, EXCEPTIONS, INSTITUTIONS, PLATFORMS, institution, platform

PAGES: Final[tuple[Page, ...]] = (
    Page("/", programme, SUMS),
    Page("/platforms", PLATFORMS, SUMS),
    Page("/platform", platform, SUMS, own=frozenset({"platform"})),
    Page("/institutions", INSTITUTIONS, SUMS),
    Page("/institution", institution, SUMS, own=frozenset({"institution"})),
    Page("/catalogue", CATALOGUE, SUMS),
    Page("/course", course, SUMS),
    Page("/exceptions", EXCEPTIONS, SUMS),
    Page("/list/{name}", one_list, SUMS),
    Page("/find", find, PERSONS),
    Page("/person", person, PERSONS),
    Page("/person/export", export, PERSONS),
    Page("/event", event, PERSONS),
    Page("/language", choose_language, EVERYBODY, stored=False),
)
