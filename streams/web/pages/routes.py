"""The pages, as data."""

from typing import Final

from dompet.streams.access.roles import EVERYBODY, LETTERS, OPERATORS, PERSONS, SUMS
from dompet.streams.web.core.bodies import FORM_BYTES
from dompet.streams.web.core.routes import Page
from dompet.streams.web.pages import letters, order, pipeline, reconcile, rejections, settlement, sign_in
from dompet.streams.web.pages.course import course
from dompet.streams.web.pages.lists import one_list
from dompet.streams.web.pages.party import institution, platform
from dompet.streams.web.pages.person import event, export, find, person
from dompet.streams.web.pages.programme import programme
from dompet.streams.web.pages.reader import choose_language
from dompet.streams.web.pages.sheets import CATALOGUE, EXCEPTIONS, INSTITUTIONS, PLATFORMS

_OWN_SALES: Final = frozenset({"platform"})
_OWN_EVENTS: Final = frozenset({"publisher"})
PAGES: Final[tuple[Page, ...]] = (
    Page("/", programme, SUMS, slow=True),
    Page("/platforms", PLATFORMS, SUMS, slow=True),
    Page("/platform", platform, SUMS, own=frozenset({"platform"})),
    Page("/institutions", INSTITUTIONS, SUMS, slow=True),
    Page("/institution", institution, SUMS, own=frozenset({"institution"})),
    Page("/catalogue", CATALOGUE, SUMS, slow=True),
    Page("/course", course, SUMS),
    Page("/exceptions", EXCEPTIONS, SUMS, slow=True),
    Page("/list/{name}", one_list, SUMS),
    Page("/find", find, PERSONS),
    Page("/person", person, PERSONS),
    Page("/person/export", export, PERSONS),
    Page("/event", event, LETTERS),
    Page("/order", order.order, PERSONS),
    Page("/order/clear", order.clear, PERSONS, "POST"),
    Page("/rejections", rejections.rejections, LETTERS, own=_OWN_EVENTS, slow=True),
    Page("/rejections/redrive", rejections.plan, OPERATORS, stored=False),
    Page("/rejections/redrive", rejections.redrive, OPERATORS, "POST"),
    Page("/dead-letters", letters.letters, LETTERS),
    Page("/dead-letter", letters.letter, LETTERS),
    Page("/dead-letter/redrive", letters.redrive, OPERATORS, "POST"),
    Page("/dead-letter/discard", letters.discard, OPERATORS, "POST"),
    Page("/settlement", settlement.settlement, SUMS, own=_OWN_SALES),
    Page("/settlement/file", settlement.download, SUMS, own=_OWN_SALES),
    Page("/settlement/issue", settlement.issue_statement, PERSONS, "POST"),
    Page("/reconcile", reconcile.form, PERSONS),
    Page("/reconcile", reconcile.upload, PERSONS, "POST", body_bytes=reconcile.STATEMENT_BYTES + FORM_BYTES),
    Page("/reconciliation", reconcile.run, PERSONS),
    Page("/pipeline", pipeline.pipeline, SUMS, stored=False),
    Page("/pipeline/live", pipeline.live, SUMS, stored=False),
    Page("/language", choose_language, EVERYBODY, stored=False, public=True),
    Page("/sign-in", sign_in.form, EVERYBODY, stored=False, public=True),
    Page("/sign-in", sign_in.sign_in, EVERYBODY, "POST", stored=False, public=True),
    Page("/sign-out", sign_in.sign_out, EVERYBODY, "POST", stored=False, public=True),
)
