"""What people do on the pages: clear an order, upload a statement, issue one, publish again, discard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.schemas.corpus import PARTITIONS
from tests.support.browser import keep, reading, violations
from tests.support.letters import cut, partition_of, place, purchase
from tests.support.programme import Programme, order_path

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

FIXED = (
    '{"type": "CoursePurchased", "event_id": "fixed", "beneficiary_id": "broken", "publisher_id": "toko",'
    ' "occurred_at": "2020-04-10T12:00:00Z", "platform_id": "toko", "order_id": "o-1", "course_id": "k",'
    ' "institution_id": "i", "price": 100000, "commission": 0}'
)


def test_an_officer_clears_an_order_and_sees_what_it_did(programme: Programme, chromium: Browser) -> None:
    note = "Certificate and attendance sheet looked at."
    with reading(chromium, programme.pages.url) as page:
        page.goto(order_path(programme.held[-1]))
        page.get_by_role("button", name="Clear it").click()
        expect(page.locator("#note")).to_be_focused()  # the browser asks for what is missing
        page.locator("#note").fill(note)
        page.get_by_role("button", name="Clear it").click()
        expect(page.get_by_role("status")).to_contain_text("Your clearing was published")
        programme.fold()
        page.reload()
        expect(page.locator("main")).to_contain_text(note)
        expect(page.locator("main")).to_contain_text("tester")
        expect(page.get_by_role("button", name="Clear it")).to_have_count(0)
    [cleared] = [
        one
        for one in programme.rows(f"/api/v1/orders?person={programme.held[-1]['beneficiary_id']}&limit=100")
        if one["order_id"] == programme.held[-1]["order_id"]
    ]
    assert (cleared["cleared_by"], cleared["clearing_note"]) == ("tester", note)


def test_a_statement_is_uploaded_compared_and_its_lines_are_shown(
    programme: Programme, chromium: Browser, tmp_path: Path
) -> None:
    sold = programme.rows("/api/v1/orders?platform=tokopedia&to=2020-12-31&limit=3")
    statement = tmp_path / "tokopedia.csv"
    lines = [f"{row['order_id']},{row['price'] + (row is sold[0])}" for row in sold]
    statement.write_text("\n".join(["order,paid", *lines, "NOWHERE,5"]) + "\n")
    with reading(chromium, programme.pages.url) as page:
        page.goto("/reconcile?platform=tokopedia&from=2020-04-01&to=2020-12-31")
        page.locator("#statement").set_input_files(statement)
        page.locator("#mapping").fill("[statement]\norder_id = 'nothing'\namount = 'paid'\n")
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("alert")).to_contain_text("tokopedia.csv, line 1: there is no column 'nothing'")
        assert "nothing" in page.locator("#mapping").input_value()
        assert page.locator("#platform").input_value() == "tokopedia"
        assert page.locator("#from").input_value() == "2020-04-01"
        page.locator("#mapping").fill('[statement]\norder_id = "order"\namount = "paid"\n')
        page.locator("#statement").set_input_files(statement)
        page.get_by_role("button", name="Compare").click()
        expect(page.locator("h1")).to_have_text("tokopedia.csv")
        keep(page, "reconciliation-en-light")
        assert violations(page) == []
        page.get_by_role("link", name="Only theirs").first.click()
        expect(page.locator("main")).to_contain_text("NOWHERE")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").last.click()
        assert "NOWHERE" in Path(download.value.path()).read_text()


def test_a_file_that_is_no_statement_is_refused_in_the_reader_s_language(
    embedded_programme: Programme, chromium: Browser, tmp_path: Path
) -> None:
    statement = tmp_path / "laporan.csv"
    statement.write_bytes(b"%PDF-1.7\n\x00\x01")
    with reading(chromium, embedded_programme.pages.url, "id") as page:
        page.goto("/reconcile?platform=tokopedia&from=2020-04-01&to=2020-12-31")
        page.locator("#statement").set_input_files(statement)
        page.locator("main button.main").click()
        expect(page.get_by_role("alert")).to_contain_text("laporan.csv tidak dapat dibaca sebagai tabel")


def test_a_statement_is_issued_and_closes_its_period(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url, "id") as page:
        page.goto("/settlement?platform=ruangguru&from=2020-04-01&to=2020-06-30")
        page.locator("form[action='/settlement/issue'] button").click()
        expect(page.get_by_role("status")).to_be_visible()
        expect(page.locator("main")).to_contain_text("telah menutup 2020-04-01 sampai 2020-06-30")
        assert page.locator("form[action='/settlement/issue']").count() == 0
    [issued] = programme.rows("/api/v1/statements?platform=ruangguru")
    assert (issued["from_day"], issued["to_day"]) == ("2020-04-01", "2020-06-30")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/settlement?platform=tokopedia&from=2020-13-01&to=2020-12-31", "Hari pertama adalah '2020-13-01'"),
        ("/settlement?platform=tokopedia&from=2020-12-31&to=2020-01-01", "sesudah hari terakhir"),
        ("/settlement?platform=a&institution=b&from=2020-01-01&to=2020-12-31", "jangan keduanya"),
        ("/person?person=nobody", "Tidak ada"),
        ("/dead-letter?place=x", "PARTISI:OFFSET"),
        ("/dead-letter?place=0:999999", "Tidak ada catatan rusak di 0:999999."),
        ("/event?place=0:999999", "Tidak ada kejadian di tempat ini pada log."),
        ("/list/nothing", "Tidak ada daftar nothing."),
        ("/list/orders?cursor=x", "mulai dari halaman pertama"),
        ("/nothing", "Tidak ada halaman di /nothing."),
        ("/list/orders?wave=soon", "Harus bilangan bulat 64 bit."),
    ],
)
def test_what_is_wrong_in_an_address_is_said_in_the_reader_s_language(
    embedded_programme: Programme, path: str, said: str
) -> None:
    answer = embedded_programme.pages.get(path, Accept_Language="id")
    assert 400 <= answer.status < 500
    assert said in answer.text.replace("&#39;", "'")
    assert '<p lang="en">' not in answer.text


def test_what_was_typed_wrong_is_said_and_kept(embedded_programme: Programme, chromium: Browser) -> None:
    with reading(chromium, embedded_programme.pages.url, "id") as page:
        page.goto("/list/orders?wave=soon&platform=tokopedia")
        expect(page.locator(".wrong")).to_have_text("Harus bilangan bulat 64 bit.")
        assert page.locator("[name=wave]").input_value() == "soon"
        assert page.locator("[name=platform]").input_value() == "tokopedia"


def test_an_operator_publishes_a_dead_letter_again_corrected_with_what_followed(
    programme: Programme, chromium: Browser
) -> None:
    where = place(str(programme.settings.kafka), programme.settings.log_topic, cut(purchase("broken")))
    with reading(chromium, programme.pages.url) as page:
        page.goto(f"/dead-letter?place={where}")
        expect(page.locator("main")).to_contain_text("Later events of this person that were rejected")
        page.locator("#json").fill("{")
        page.get_by_role("button", name="Publish it again").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.locator("#json").input_value() == "{"
        page.locator("#json").fill(FIXED)
        if page.get_by_label("Even if it was redriven or discarded before").count():
            page.get_by_label("Even if it was redriven or discarded before").check()
        page.get_by_role("button", name="Publish it again").click()
        expect(page.get_by_role("status")).to_contain_text("recorded below with your name")
        expect(page.locator("section", has=page.locator("#acts"))).to_contain_text("tester")
    programme.fold()
    orders = programme.rows("/api/v1/orders?person=broken")
    assert [one["state"] for one in orders] == ["reviewed"]


def test_an_operator_discards_a_dead_letter_and_says_why(programme: Programme, chromium: Browser) -> None:
    wrong = (partition_of(b"moved") + 1) % PARTITIONS
    [moved] = [
        one for one in programme.rows("/api/v1/dead-letters?limit=100") if one["error"] and one["partition"] == wrong
    ][:1]
    with reading(chromium, programme.pages.url) as page:
        page.goto(f"/dead-letter?place={moved['partition']}:{moved['offset']}")
        page.locator("#because").fill("The publisher sent it to the right partition since.")
        page.get_by_role("button", name="Discard it").click()
        expect(page.get_by_role("status")).to_be_visible()
        expect(page.locator("section", has=page.locator("#acts"))).to_contain_text("The publisher sent it")
    [after] = [
        one
        for one in programme.rows("/api/v1/dead-letters?limit=100")
        if (one["partition"], one["offset"]) == (moved["partition"], moved["offset"])
    ]
    assert (after["status"], after["acted_by"]) == ("discarded", "tester")


def test_an_operator_publishes_rejected_events_again(programme: Programme, chromium: Browser) -> None:
    with reading(chromium, programme.pages.url) as page:
        page.goto("/rejections?reason=unknown_order")
        page.get_by_role("link", name="Redrive what these filters choose").click()
        page.get_by_label("Person", exact=True).fill("late")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("button", name="Publish 2 records again").click()
        expect(page.get_by_role("status")).to_contain_text("2 records were published again")
    programme.fold()
    assert [one["state"] for one in programme.rows("/api/v1/orders?person=late")] == ["reviewed"]
