"""Every page in a real browser, on the demo's programme: in both languages, light, dark and on a phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.programme import DEFAULT, programme_fields
from dompet.streams.publish.publisher import Publisher
from dompet.streams.settings import Settings
from tests.support.browser import keep, reading, too_wide, violations
from tests.support.catalogue import rows_of_listings
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.warehouses import KINDS, empty_warehouse, opened
from tests.support.web import Served, served

pytestmark = [pytest.mark.server, pytest.mark.timeout(1200)]

PEOPLE = 150


@dataclass(frozen=True)
class Programme:
    """The pages of a small programme, and things in it to look at."""

    pages: Served
    settings: Settings
    person: str
    order: dict[str, str]
    course: str
    institution: str

    @property
    def paths(self) -> dict[str, str]:
        """Every page, by a name for its screenshot."""
        named = "&".join(f"{name}={value}" for name, value in self.order.items())
        return {
            "programme": "/",
            "platforms": "/platforms",
            "platform": "/platform?platform=tokopedia",
            "institutions": "/institutions",
            "institution": f"/institution?institution={self.institution}",
            "catalogue": "/catalogue",
            "course": f"/course?course={self.course}",
            "exceptions": "/exceptions",
            "rejections": "/rejections",
            "redrive": "/rejections/redrive",
            "dead-letters": "/dead-letters",
            "settlement": "/settlement?platform=tokopedia&from=2020-04-01&to=2020-12-31",
            "reconcile": "/reconcile",
            "pipeline": "/pipeline",
            "person": f"/person?person={self.person}",
            "export": f"/person/export?person={self.person}&format=html",
            "order": f"/order?{named}",
            "event": "/event?place=0:0",
            "find": "/find?text=nobody",
            "list": "/list/orders?step=completed",
            "wrong": "/list/orders?wave=soon",
            "api": "/api",
            "missing": "/nothing",
        }


@pytest.fixture(scope="module", params=KINDS)
def programme(
    request: pytest.FixtureRequest, clickhouse_server: str, log_topic_of_module: str, settings_for: SettingsMaker
) -> Iterator[Programme]:
    with empty_warehouse(request.param, clickhouse_server) as url:
        settings = settings_for(log_topic_of_module, url)
        with opened(url) as warehouse:
            for table, listed in rows_of_listings(catalogue(1, DEFAULT).records()).items():
                warehouse.insert(table, listed)
        fold_to_end(settings)
        with served(settings) as pages:
            flagged = rows(pages, "/api/v1/flagged?limit=1000")
            held = next(one for one in flagged if one["completed_at"] and not one["cleared_at"])
            yield Programme(
                pages,
                settings,
                held["beneficiary_id"],
                {"person": held["beneficiary_id"], "platform": held["platform_id"], "order": held["order_id"]},
                held["course_id"],
                held["institution_id"],
            )


@pytest.fixture(scope="module")
def log_topic_of_module(kafka: str, kafka_admin: Any) -> str:
    """A log with the programme of the demo on it, for all tests of this file."""
    from tests.support.kafka import made_log

    topic: str = made_log(kafka_admin)
    with Publisher(kafka, topic) as publisher:
        for name, fields in programme_fields(PEOPLE, 1):
            publisher.publish_fields(name, fields)
    return topic


def rows(pages: Served, path: str) -> list[dict[str, Any]]:
    answer = pages.get(path)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["rows"]
    return found


def opened_at(page: Page, path: str) -> Page:
    page.goto(path)
    return page


@pytest.mark.parametrize(("programme", "language"), [("embedded", "en"), ("server", "id")], indirect=["programme"])
def test_axe_finds_nothing_serious_on_any_page_and_none_is_too_wide(
    programme: Programme, chromium: Browser, language: str
) -> None:
    found = {}
    with reading(chromium, programme.pages.url, language, dark=language == "id", phone=language == "id") as page:
        for name, path in programme.paths.items():
            opened_at(page, path)
            assert page.locator("html").get_attribute("lang") == language
            keep(page, f"{name}-{language}-{'phone-dark' if language == 'id' else 'light'}")
            found[name] = (violations(page), max(too_wide(page), 0))
    assert {name: one for name, one in found.items() if one != ([], 0)} == {}


def test_figures_are_those_that_the_api_answers(programme: Programme, chromium: Browser) -> None:
    [money] = rows(programme.pages, "/api/v1/programme")
    with reading(chromium, programme.pages.url, "id") as page:
        opened_at(page, "/")
        shown = page.locator(".equation").inner_text()
        for name in ("total_credited", "net_spent", "total_returned", "remaining"):
            assert f"{money[name]:,}".replace(",", ".") in shown
        expect(page.locator(".holds.good")).to_be_visible()


@pytest.mark.parametrize("programme", ["server"], indirect=True)
def test_every_filter_can_be_used_and_stands_in_the_address(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        for path in ("/", "/platforms", "/institutions", "/catalogue", "/exceptions", "/rejections", "/dead-letters"):
            opened_at(page, path)
            for name in page.locator(".filters [name]").evaluate_all("all => all.map(one => one.name)"):
                opened_at(page, path)
                field = page.locator(f".filters [name={name}]")
                value = {"wave": "1", "from": "2020-04-01"}.get(name, "2020-12-31")
                if field.evaluate("one => one.tagName") == "SELECT":
                    value = field.locator("option").nth(1).get_attribute("value") or ""
                    field.select_option(value)
                else:
                    field.fill(value)
                page.locator(".filters button").click()
                assert f"{name}={value}" in page.url
                assert page.locator(f".filters [name={name}]").input_value() == value
                expect(page.locator("main h1")).to_be_visible()


def test_pages_work_without_script(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url, script=False) as page:
        opened_at(page, "/")
        page.get_by_role("link", name="tokopedia").first.click()
        expect(page.locator("h1")).to_have_text("Tokopedia")
        page.locator("summary", has_text="SQL").first.click()
        expect(page.locator("pre").first).to_contain_text("SELECT")


def test_what_was_typed_wrong_is_said_and_kept(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url, "id") as page:
        opened_at(page, "/list/orders?wave=soon&platform=tokopedia")
        expect(page.locator(".wrong")).to_have_text("Harus bilangan bulat 64 bit.")
        assert page.locator("[name=wave]").input_value() == "soon"
        assert page.locator("[name=platform]").input_value() == "tokopedia"


def test_a_person_is_found_and_their_file_holds_every_event(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        opened_at(page, "/")
        page.get_by_label("Find a person").fill(programme.order["order"])
        page.get_by_role("button", name="Find").click()
        expect(page.locator("h1")).to_have_text(programme.person)
    known = programme.pages.get("/person/export", {"person": programme.person}).json
    assert len(known["events_as_published"]) == len(known["timeline"]) > 3
    assert {one["beneficiary_id"] for one in known["events_as_published"]} == {programme.person}


def test_an_officer_clears_an_order_and_sees_what_it_did(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        opened_at(page, programme.paths["order"])
        page.get_by_role("button", name="Clear it").click()
        page.locator("#note").fill("Certificate and attendance sheet looked at.")
        page.get_by_role("button", name="Clear it").click()
        expect(page.get_by_role("status")).to_contain_text("Your clearing was published")
        programme.pages.asker.close()
        fold_to_end(programme.settings)
        programme.pages.asker.forget()
        page.reload()
        expect(page.locator("main")).to_contain_text("Certificate and attendance sheet looked at.")
        expect(page.locator("main")).to_contain_text("tester")
        expect(page.get_by_role("button", name="Clear it")).to_have_count(0)


def test_a_statement_is_uploaded_compared_and_its_lines_are_shown(
    programme: Programme, chromium: Browser, tmp_path: Path
) -> None:
    sold = rows(programme.pages, "/api/v1/orders?platform=tokopedia&to=2020-12-31&limit=3")
    statement = tmp_path / "tokopedia.csv"
    lines = [f"{row['order_id']},{row['price'] + (row is sold[0])}" for row in sold]
    statement.write_text("\n".join(["order,paid", *lines, "NOWHERE,5"]) + "\n")
    with reading(chromium, programme.pages.url) as page:
        opened_at(page, "/reconcile?platform=tokopedia&from=2020-04-01&to=2020-12-31")
        page.locator("#statement").set_input_files(statement)
        page.locator("#mapping").fill("[statement]\norder_id = 'nothing'\namount = 'paid'\n")
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("alert")).to_contain_text("tokopedia.csv:1: has no column 'nothing'")
        assert "nothing" in page.locator("#mapping").input_value()
        page.locator("#mapping").fill('[statement]\norder_id = "order"\namount = "paid"\n')
        page.locator("#statement").set_input_files(statement)
        page.get_by_role("button", name="Compare").click()
        expect(page.locator("h1")).to_have_text("tokopedia.csv")
        keep(page, "reconciliation-en-light")
        assert violations(page) == []
        page.get_by_role("link", name="Only theirs").first.click()
        expect(page.locator("main")).to_contain_text("NOWHERE")


def test_a_statement_is_issued_and_closes_its_period(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        opened_at(page, "/settlement?platform=ruangguru&from=2020-04-01&to=2020-06-30")
        page.get_by_role("button", name="Issue this statement").click()
        expect(page.get_by_role("status")).to_contain_text("The statement is issued")
        expect(page.locator("main")).to_contain_text("has closed 2020-04-01 to 2020-06-30")


def test_the_pipeline_is_live(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        opened_at(page, "/pipeline")
        expect(page.locator("#live")).to_have_text("Live: as it is now.")
        expect(page.locator("#partitions-table tbody tr")).to_have_count(12)


def test_an_empty_warehouse_has_pages_that_say_so(chromium: Browser, tmp_path: Path) -> None:
    from dompet.streams.settings import read_settings

    with empty_warehouse("embedded", "") as url:
        with opened(url):
            pass
        with served(read_settings(warehouse=url, home=tmp_path)) as pages, reading(chromium, pages.url, "id") as page:
            for path in ("/", "/platforms", "/exceptions", "/rejections", "/catalogue", "/settlement", "/pipeline"):
                opened_at(page, path)
                assert page.locator("h1").count() == 1
                assert violations(page) == []
            keep(opened_at(page, "/"), "programme-empty-id-light")
