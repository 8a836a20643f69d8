"""Debian's Chromium, driven by Playwright. Where it is not installed the tests fail, and say what to install."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

SCREENSHOTS: Final = Path(__file__).parents[2] / "artifacts" / "screenshots"
SERIOUS: Final = ("serious", "critical")
_ARGUMENTS: Final = (
    "--no-sandbox",  # the tests may run as root
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LOCALES: Final = {"en": "en-GB", "id": "id-ID"}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1360, "height": 900}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, for one file of tests: while it runs, its loop is the thread's, and no other can run there."""
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError("the pages' tests need a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def reading(
    browser: Browser, url: str, language: str = "en", *, dark: bool = False, phone: bool = False, script: bool = True
) -> Iterator[Page]:
    """A page of a reader's own. What the browser complains of, such as something that the policy of the content
    refused, is an error.
    """
    context: Any = browser.new_context(
        base_url=url,
        locale=_LOCALES[language],
        timezone_id="America/New_York",
        color_scheme="dark" if dark else "light",
        viewport=PHONE if phone else DESK,
        java_script_enabled=script,
    )
    context.set_default_timeout(120_000)
    page: Page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda one: complaints.append(one.url) if not one.url.startswith(url) else None)
    try:
        yield page
    finally:
        context.close()
    assert [one for one in complaints if "the server responded with a status of 4" not in one] == []


def violations(page: Page) -> list[str]:
    """What axe finds that is serious: its id, and the first place."""
    return _found(page, {"resultTypes": ["violations"]})


def contrast(page: Page) -> list[str]:
    """The same of colours alone: all that differs in another scheme."""
    return _found(page, {"resultTypes": ["violations"], "runOnly": ["color-contrast"]})


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in SERIOUS]


def keep(page: Page, name: str, most: int = 20_000) -> None:
    """A screenshot, among the artifacts of the run: of the whole page, or its upper part of so many pixels."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    wide, high = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    shown: FloatRect = {"x": 0, "y": 0, "width": wide, "height": min(high, most)}
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, clip=shown)


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
