"""What a reader does with the pages: finds, filters, follows a figure to its rows, and changes the language."""

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from dompet.streams.web.core.clocks import TIMES
from tests.support.browser import reading, violations
from tests.support.programme import Programme

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

_FILLED = {
    **{"wave": "1", "from": "2020-04-01", "to": "2020-12-30"},
    **dict.fromkeys(TIMES.values(), "14:00"),
}


def _fill(field: Locator, name: str) -> str:
    value = _FILLED.get(name, "2020-12-31")
    if field.evaluate("one => one.tagName") == "SELECT":
        value = field.locator("option").nth(1).get_attribute("value") or ""
        field.select_option(value)
    else:
        field.fill(value)
    return value


def test_every_filter_can_be_used_and_is_in_the_address(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url) as page:
        for path in ("/", "/platforms", "/institutions", "/catalogue", "/exceptions", "/rejections", "/dead-letters"):
            page.goto(path)
            names = page.locator(".filters [name]").evaluate_all("all => all.map(one => one.name)")
            filled = {name: _fill(page.locator(f".filters [name={name}]"), name) for name in names}
            page.locator(".filters button").click()
            for name, value in filled.items():
                in_address = f"{name}={value}T14:00" if name in TIMES else f"{name}={value}"
                assert in_address in page.url or name in TIMES.values()
                assert page.locator(f".filters [name={name}]").input_value() == value
            expect(page.locator("main h1")).to_be_visible()
            expect(page.get_by_role("alert")).to_have_count(0)


def test_each_filter_of_each_list_is_answered_on_both_warehouses(programme: Programme) -> None:
    from dompet.streams.answers.filters import PARAMETERS
    from dompet.streams.web.core.questions import QUESTIONS

    day = {"wave": "1", "from": "2020-04-01", "to": "2020-12-30", "as_of": "2020-12-30", "known_at": "2030-01-01"}
    for name, question in QUESTIONS.items():
        needed = dict.fromkeys(question.needs, "some")
        for given in question.takes:
            value = day.get(given) or (PARAMETERS[given].choices or ("some",))[0]
            answer = programme.pages.get(f"/api/v1/{name}", {**needed, given: value})
            assert answer.status == 200, (name, given, answer.text)


def test_figures_are_those_that_the_api_answers(programme: Programme, chromium: Browser) -> None:
    [money] = programme.rows("/api/v1/programme")
    with reading(chromium, programme.pages.url, "id") as page:
        page.goto("/")
        shown = page.locator(".equation").inner_text()
        for name in ("total_credited", "net_spent", "total_returned", "remaining"):
            assert f"{money[name]:,}".replace(",", ".") in shown
        expect(page.locator(".holds.good")).to_be_visible()


def test_a_figure_leads_to_as_many_rows(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url) as page:
        page.goto("/?wave=2")
        for label in ("People", "Completed"):
            figure = page.locator(".figures > div", has_text=label).locator("a")
            number = figure.inner_text()
            figure.click()
            if label == "People":
                expect(page.locator("main section h2")).to_have_text(f"{number} rows")
            assert "wave=2" in page.url
            page.go_back()


def test_what_a_wave_is_owed_leads_to_the_rows_that_add_up_to_it(programme: Programme, chromium: Browser) -> None:
    [row] = programme.rows("/api/v1/incentives-by-wave?wave=2")
    with reading(chromium, programme.pages.url) as page:
        page.goto("/?wave=2")
        panel = page.locator("section", has=page.get_by_role("heading", name="Incentives and clawbacks by wave"))
        panel.get_by_role("link", name=f"{row['incentive_failed']:,}", exact=True).first.click()
        expect(page.locator("h1")).to_have_text("Events")
        assert "type=IncentivePayoutFailed" in page.url
        path = page.locator(".tools a", has_text="JSON").get_attribute("href")
    assert sum(one["amount"] for one in programme.rows(f"{path}&limit=1000")) == row["incentive_failed"] > 0


def test_a_figure_that_a_filter_does_not_reach_says_so(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url) as page:
        page.goto("/?platform=tokopedia")
        expect(page.locator("section", has_text="Where the money is").first).to_contain_text(
            "Not filtered by: Platform."
        )
        funnel = page.locator("section", has=page.get_by_role("heading", name="How far orders came"))
        expect(funnel).not_to_contain_text("Not filtered by")


def test_pages_work_without_script(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url, script=False) as page:
        page.goto("/")
        page.get_by_role("link", name="tokopedia").first.click()
        expect(page.locator("h1")).to_have_text("Tokopedia")
        page.locator("summary", has_text="SQL").first.click()
        expect(page.locator("pre").first).to_contain_text("SELECT")


def test_the_language_is_the_reader_s_and_stays(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url) as page:
        page.goto("/platforms?from=2020-04-01")
        page.get_by_role("link", name="Bahasa Indonesia").click()
        assert page.url.endswith("/platforms?from=2020-04-01")
        assert page.locator("html").get_attribute("lang") == "id"
        page.goto("/exceptions")
        expect(page.locator("h1")).to_have_text("Pengecualian")


def test_a_person_is_found_and_their_file_holds_every_event(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        page.goto("/reconcile")
        page.get_by_label("Find a person").fill(str(programme.held[0]["order_id"]))
        page.get_by_role("button", name="Find").click()
        expect(page.locator("h1")).to_have_text(programme.person)
    known = programme.pages.get("/person/export", {"person": programme.person}).json
    assert len(known["events_as_published"]) == len(known["timeline"]) > 3
    assert {one["beneficiary_id"] for one in known["events_as_published"]} == {programme.person}


def test_a_person_is_shown_as_of_a_moment_on_either_clock(embedded_programme: Programme, chromium: Browser) -> None:
    name = embedded_programme.person
    events = embedded_programme.rows(f"/api/v1/timeline?person={name}&limit=1000")
    second = events[1]["occurred_at"].replace("Z", ".999999Z")  # the API leaves fractions of a second out
    happened = sum(one["occurred_at"] <= events[1]["occurred_at"] for one in events)
    with reading(chromium, embedded_programme.pages.url) as page:
        page.goto(f"/person?person={name}&as_of={second}")
        timeline = page.locator("section", has=page.get_by_role("heading", name="Timeline"))
        expect(timeline.locator("tbody tr")).to_have_count(happened)
        page.goto(f"/person?person={name}")
        page.get_by_label("As known at", exact=True).fill("2020-01-01")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("alert")).to_contain_text("No event of this person is known by then")


@pytest.mark.parametrize("script", [True, False])
def test_a_time_of_day_is_asked_for_beside_the_day_and_is_one_value_of_the_address(
    embedded_programme: Programme, chromium: Browser, script: bool
) -> None:
    name = embedded_programme.person
    with reading(chromium, embedded_programme.pages.url, script=script) as page:
        page.goto(f"/person?person={name}")
        page.get_by_label("As of", exact=True).fill("2020-12-31")
        page.keyboard.press("Tab")  # past the day's own button
        page.get_by_label("As of: time in Jakarta").fill("14:00")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/person?person={name}&as_of=2020-12-31T14:00")
        expect(page.get_by_label("As of", exact=True)).to_have_value("2020-12-31")
        expect(page.get_by_label("As of: time in Jakarta")).to_have_value("14:00")
        expect(page.locator(".clocks")).to_have_text("As of 31 Dec 2020, 14:00")


def test_a_time_without_its_day_is_said_and_stays(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url, "id") as page:
        page.goto("/?wave=1")
        page.get_by_label("Diketahui per: pukul, di Jakarta").fill("09:30")
        page.get_by_role("button", name="Tampilkan").click()
        time = page.get_by_label("Diketahui per: pukul, di Jakarta")
        expect(time).to_have_value("09:30")
        expect(time).to_have_accessible_description(re.compile("^Harus disertai tanggal, misalnya 2020-12-15."))
        expect(page.get_by_label("Gelombang")).to_have_value("1")
        assert violations(page) == []


def test_the_pipeline_is_live(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url) as page:
        page.goto("/pipeline")
        expect(page.locator("#live")).to_have_text("Live: as it is now.")
        expect(page.locator("#partitions-table tbody tr")).to_have_count(12)
