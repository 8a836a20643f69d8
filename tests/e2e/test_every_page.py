"""Every page in a real browser: loaded once in each language, looked at in light, in dark and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dompet.streams.settings import read_settings
from dompet.streams.web.pages.routes import PAGES
from tests.support.browser import DESK, PHONE, contrast, keep, reading, too_wide, violations
from tests.support.programme import Programme
from tests.support.warehouses import empty_warehouse, opened
from tests.support.web import served

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

_NO_PAGES = {"/list/{name}", "/settlement/file", "/reconciliation", "/pipeline/live", "/language", "/sign-in"}
"""What is a file or a redirect, or is looked at by the tests of forms."""


def test_every_page_is_looked_at(embedded_programme: Programme) -> None:
    looked_at = {path.partition("?")[0] for path in embedded_programme.paths.values()}
    assert {page.path for page in PAGES if page.method == "GET"} - _NO_PAGES <= looked_at


@pytest.mark.parametrize(("kind", "language"), [("embedded", "en"), ("server", "id")])
def test_axe_finds_nothing_serious_on_any_page_and_none_is_too_wide(
    request: pytest.FixtureRequest, chromium: Browser, kind: str, language: str
) -> None:
    programme: Programme = request.getfixturevalue(f"{kind}_programme")
    found = {}
    with reading(chromium, programme.pages.url, language) as page:
        for name, path in programme.paths.items():
            page.goto(path)
            assert page.locator("html").get_attribute("lang") == language
            found[name] = _looked_at(page, f"{name}-{language}")
    assert {name: one for name, one in found.items() if one} == {}


def _looked_at(page: Page, name: str) -> list[str]:
    """What is wrong with a page, without loading it again."""
    wrong = violations(page)
    keep(page, f"{name}-light")
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {one}" for one in contrast(page)]
    page.set_viewport_size(PHONE)
    wrong += [f"{wide} pixels too wide on a phone"] if (wide := too_wide(page)) > 0 else []
    keep(page, f"{name}-phone-dark")
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    return wrong


def test_an_empty_warehouse_has_pages_that_say_so(chromium: Browser, tmp_path: Path) -> None:
    with empty_warehouse("embedded", "") as url:
        with opened(url):
            pass
        with served(read_settings(warehouse=url, home=tmp_path)) as pages, reading(chromium, pages.url, "id") as page:
            for path in ("/", "/platforms", "/exceptions", "/rejections", "/catalogue", "/settlement", "/pipeline"):
                page.goto(path)
                assert page.locator("h1").count() == 1
                assert violations(page) == []
                keep(page, f"empty{path.replace('/', '-')}-id-light")
