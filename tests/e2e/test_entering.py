"""Entering with a browser where people sign in: entries on the log's Kafka, made and revoked by the command."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dompet.streams.access.topic import followed
from dompet.streams.settings import Settings
from dompet.streams.web.core.guard import Guard
from tests.support.browser import keep, reading, violations
from tests.support.command import dompet
from tests.support.programme import Programme, order_path
from tests.support.web import SECRET, Served, served

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]


def access(settings: Settings, *arguments: str) -> str:
    """What `dompet access` prints."""
    ran = dompet("access", *arguments, "--kafka", str(settings.kafka), cwd=settings.home)
    assert ran.code == 0, ran.err
    return ran.out.strip()


@pytest.fixture(scope="module")
def tokens(embedded_programme: Programme) -> dict[str, str]:
    """A token of each of four people."""
    settings = embedded_programme.settings
    return {
        "vera": access(settings, "add", "vera", "--role", "viewer"),
        "ani": access(settings, "add", "ani", "--role", "officer"),
        "oki": access(settings, "add", "oki", "--role", "operator"),
        "toko": access(settings, "add", "toko", "--role", "publisher", "--party", "tokopedia"),
    }


@pytest.fixture(scope="module")
def pages(embedded_programme: Programme, tokens: dict[str, str]) -> Iterator[Served]:
    """The programme's pages, for those who have an entry."""
    settings = embedded_programme.settings
    with ExitStack() as stack:
        entries = stack.enter_context(followed(settings))
        yield stack.enter_context(served(settings, Guard(SECRET, entrances=entries, proxy_header="X-User")))


def sign_in(page: Page, token: str) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def session_of(page: Page) -> Any:
    return next(one for one in page.context.cookies() if one["name"] == "dompet_session")


def test_who_signs_in_stays_so_until_they_sign_out(pages: Served, chromium: Browser, tokens: dict[str, str]) -> None:
    with reading(chromium, pages.url) as page:
        page.goto("/person?person=x")
        expect(page.locator("h1")).to_have_text("Sign in")
        assert violations(page) == []
        keep(page, "sign-in-en-light")
        sign_in(page, "dompet_nobody-has-this")
        expect(page.locator(".wrong")).to_contain_text("Nobody has this token")
        sign_in(page, tokens["ani"])
        expect(page.locator("h1")).to_have_text("Programme")
        cookie = session_of(page)
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert tokens["ani"] not in cookie["value"]
        page.get_by_role("button", name="Sign out ani").click()
        expect(page.locator("h1")).to_have_text("Sign in")
        assert "dompet_session" not in {one["name"] for one in page.context.cookies()}


def test_a_revoked_token_ends_the_session_at_once(
    pages: Served, chromium: Browser, embedded_programme: Programme
) -> None:
    token = access(embedded_programme.settings, "add", "budi", "--role", "officer")
    with reading(chromium, pages.url) as page:
        for _ in range(60):  # the entry is followed within a second or two
            sign_in(page, token)
            if page.locator("h1").inner_text() == "Programme":
                break
        expect(page.locator("h1")).to_have_text("Programme")
        access(embedded_programme.settings, "revoke", "budi")
        for _ in range(600):
            page.goto("/")
            if page.locator("h1").inner_text() == "Sign in":
                break
        expect(page.locator("h1")).to_have_text("Sign in")


@pytest.mark.parametrize(
    ("name", "menu", "refused"),
    [
        ("vera", ["Programme", "Platforms", "Institutions", "Catalogue", "Exceptions", "Settlement", "Pipeline"],
         ["/person?person=x", "/rejections", "/dead-letters", "/reconcile", "/list/orders"]),
        ("oki", ["Programme", "Platforms", "Institutions", "Catalogue", "Exceptions", "Rejections", "Dead letters",
                 "Settlement", "Pipeline"],
         ["/person?person=x", "/reconcile", "/list/orders"]),
        ("toko", ["Rejections", "Settlement"], ["/", "/platform?platform=ruangguru", "/person?person=x"]),
    ],
)  # fmt: skip
def test_each_role_is_shown_what_it_may_open_and_refused_the_rest(
    pages: Served, chromium: Browser, tokens: dict[str, str], name: str, menu: list[str], refused: list[str]
) -> None:
    with reading(chromium, pages.url) as page:
        sign_in(page, tokens[name])
        page.goto("/settlement")
        assert page.locator(".nav a").all_inner_texts() == menu
        for path in refused:
            answer = page.goto(path)
            assert answer and answer.status == 403, path
            expect(page.locator("h1")).to_have_text("This is not for you to see")


def test_an_officer_may_clear_an_order_and_no_operator(
    pages: Served, chromium: Browser, tokens: dict[str, str], embedded_programme: Programme
) -> None:
    path = order_path(embedded_programme.held[1])
    with reading(chromium, pages.url) as page:
        sign_in(page, tokens["ani"])
        page.goto(path)
        expect(page.get_by_role("button", name="Clear it")).to_be_visible()
        page.goto(f"/dead-letter?place={_letter(embedded_programme)}")
        expect(page.get_by_role("button", name="Discard it")).to_have_count(0)
    with reading(chromium, pages.url) as page:
        sign_in(page, tokens["oki"])
        assert (answer := page.goto(path)) and answer.status == 403
        page.goto(f"/dead-letter?place={_letter(embedded_programme)}")
        expect(page.get_by_role("button", name="Discard it")).to_be_visible()


def _letter(programme: Programme) -> str:
    [first] = programme.rows("/api/v1/dead-letters?limit=1")
    return f"{first['partition']}:{first['offset']}"


def test_a_form_of_another_session_does_nothing(pages: Served, chromium: Browser, tokens: dict[str, str]) -> None:
    with reading(chromium, pages.url) as page:
        sign_in(page, tokens["ani"])
        page.goto("/reconcile")
        page.context.clear_cookies(name="dompet_visit")
        page.goto("/reconcile")
        page.evaluate("document.querySelector('.end [name=csrf]').value = 'f'.repeat(64)")
        page.get_by_role("button", name="Sign out ani").click()
        expect(page.locator("main")).to_contain_text("The form is too old: load its page again")
        page.goto("/")
        expect(page.locator("h1")).to_have_text("Programme")


def test_a_trusted_proxy_s_header_names_who_reads(pages: Served, chromium: Browser, tokens: dict[str, str]) -> None:
    with reading(chromium, pages.url) as page:
        page.context.set_extra_http_headers({"X-User": "vera"})
        page.goto("/")
        expect(page.locator("h1")).to_have_text("Programme")
        expect(page.get_by_role("button", name="Sign out vera")).to_be_visible()
        page.context.set_extra_http_headers({"X-User": "nobody"})
        page.goto("/")
        expect(page.locator("main")).to_contain_text("nobody has no entry")
