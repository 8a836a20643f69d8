"""Every page in a real browser: loaded once in each language, looked at in light, in dark and on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dompet.streams.settings import read_settings
from dompet.streams.web.pages.routes import PAGES
from tests.support.browser import DESK, PHONE, contrast, keep, reading, too_wide, violations
from tests.support.many import fill
from tests.support.programme import Programme
from tests.support.warehouses import empty_warehouse, opened
from tests.support.web import served

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

_NO_PAGES = {"/list/{name}", "/settlement/file", "/reconciliation", "/pipeline/live", "/language", "/sign-in"}
"""What is a file or a redirect, or is looked at by the tests of forms."""


_MANY = {
    "programme": "/?grain=day&by=institution",
    "institutions": "/institutions",
    "catalogue": "/catalogue",
    "exceptions": "/exceptions",
    "rejections": "/rejections?grain=day",
    "person": "/person?person=b-000000000007",
    "waves": "/list/waves",
    "events": "/list/events",
}
"""The pages that have much to lay out where there is much of everything."""


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
                assert _both_widths(page, f"empty{path.replace('/', '-')}-id") == []


def test_ten_thousand_rows_under_long_names_are_laid_out_as_few_are(chromium: Browser, tmp_path: Path) -> None:
    with empty_warehouse("embedded", "") as url:
        with opened(url) as warehouse:
            fill(warehouse, 10_000)
        with served(read_settings(warehouse=url, home=tmp_path)) as pages, reading(chromium, pages.url) as page:
            wrong = []
            for name, path in _MANY.items():
                page.goto(path)
                wrong += [f"{name}: {one}" for one in _both_widths(page, f"many-{name}-en")]
                if name == "programme":
                    shares = page.locator(".steps .num").all_inner_texts()
                    assert shares == ["10,000 100.0%", "0 0.0%", "0 0.0%", "10,000 100.0%", "0 0.0%"]
                if path.startswith("/list/"):
                    expect(page.locator("main section h2")).to_have_text(re.compile("^[14]0,000 rows$"))
                    expect(page.locator("main section header p")).to_have_text("The first 100 rows.")
                    assert page.locator("tbody tr").count() == 100
            assert wrong == []
            page.get_by_role("link", name="Next page").click()
            page.get_by_role("link", name="First page").click()
            expect(page.locator("main section header p")).to_have_text("The first 100 rows.")


def _both_widths(page: Page, name: str) -> list[str]:
    """What is too wide, in light on a desk and in dark on a phone."""
    wrong = [f"{wide} pixels too wide on a desk"] if (wide := too_wide(page)) > 0 else []
    keep(page, f"{name}-light", most=3000)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    wrong += [f"{wide} pixels too wide on a phone"] if (wide := too_wide(page)) > 0 else []
    keep(page, f"{name}-phone-dark", most=3000)
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    return wrong
