"""The catalogue's topic into the warehouse: whole after every start, and followed from then on."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.catalogue import InvalidListing, Listing, encode_listing
from dompet.schemas.topics import declared_topics
from dompet.streams.catalogue.feed import CatalogueFeed
from dompet.streams.catalogue.topic import CatalogueUnreadable, read_catalogue, read_record
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.warehouse import Warehouse
from tests.streams.catalogue.test_rows import store
from tests.support.catalogue import START_US, course, institution, platform
from tests.support.logs import RawRecord, write
from tests.support.stored import shown


@pytest.fixture
def topic(kafka_admin: AdminClient) -> Iterator[str]:
    """A catalogue's topic of its own."""
    topic = replace(declared_topics().catalogue, name=f"test-{uuid.uuid4()}")
    ensure_topics(kafka_admin, [topic])
    yield topic.name
    kafka_admin.delete_topics([topic.name])[topic.name].result()


def said(listing: Listing) -> RawRecord:
    return RawRecord(listing.key().encode(), encode_listing(type(listing).__name__, asdict(listing)))


def taken_back(listing: Listing) -> RawRecord:
    return RawRecord(listing.key().encode(), None)


def catch_up(feed: CatalogueFeed, records: int = 0) -> None:
    """Store what the topic held at the start, or, of a feed that did, so many records more."""
    while records > 0 or not feed.caught_up:
        records -= feed.step()


def prices(warehouse: Warehouse) -> dict[str, int]:
    return {row["course_id"]: row["price"] for row in shown(warehouse, "SELECT course_id, price FROM courses")}


def test_what_the_topic_holds_and_what_comes_is_stored(kafka: str, topic: str, warehouse: Warehouse) -> None:
    write(kafka, topic, [said(platform()), said(institution()), said(course()), RawRecord(b"no key", b"no listing")])
    with closing(CatalogueFeed({"bootstrap.servers": kafka}, topic, warehouse)) as feed:
        catch_up(feed)
        for table in ("platforms", "institutions", "courses"):
            assert shown(warehouse, f"SELECT count() AS n FROM {table}") == [{"n": 1}]
        write(kafka, topic, [said(course(price=1)), said(course(course_id="k2", price=2)), taken_back(platform())])
        catch_up(feed, 3)
    assert prices(warehouse) == {"kursus": 1, "k2": 2}
    assert shown(warehouse, "SELECT count() AS n FROM platforms") == [{"n": 0}]


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (RawRecord(b"CourseListed/k/99999999999999999999", None), "the key's valid_from is 99999999999999999999 micr"),
        (RawRecord(b"CourseListed/k/-1", None), "the key's valid_from is -1 microseconds"),
        (RawRecord(b"CourseListed/" + b"k" * 65 + b"/%d" % START_US, None), "the key's course_id has 65 bytes"),
        (RawRecord(b"PlatformListed/\x1b[2J/%d" % START_US, None), "the key's platform_id holds a control character"),
        (RawRecord(b"CourseListed//%d" % START_US, None), "the key's course_id has 0 bytes"),
        (RawRecord(said(course()).key, b"no listing"), "the value does not begin with a byte 0"),
        (RawRecord(b"\xff\xfe", None), "the key is not type/id/valid_from"),
        (RawRecord(said(course()).key, said(platform()).value), "the key of this listing is PlatformListed/warung/"),
    ],
)
def test_a_record_that_breaks_its_contract_is_passed_over_and_reported_by_its_place(
    kafka: str, topic: str, warehouse: Warehouse, caplog: pytest.LogCaptureFixture, bad: RawRecord, fault: str
) -> None:
    write(kafka, topic, [said(platform()), bad, said(course())])
    with closing(CatalogueFeed({"bootstrap.servers": kafka}, topic, warehouse)) as feed:
        catch_up(feed)
        assert (feed.passed_over, dict(feed.counts)) == (1, {"PlatformListed": 1, "CourseListed": 1})
    [line] = [line for line in caplog.messages if "passed over" in line]
    assert line.startswith(f"topic {topic}, partition 0, offset 1: {fault}")
    assert prices(warehouse) == {"kursus": 200_000}


def test_any_number_of_bad_records_takes_few_lines_of_the_log(
    kafka: str, topic: str, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    write(kafka, topic, [RawRecord(b"no key %d" % n, None) for n in range(500)])
    with closing(CatalogueFeed({"bootstrap.servers": kafka}, topic, warehouse)) as feed:
        catch_up(feed)
        assert feed.passed_over == 500
    assert len(caplog.messages) == 10


def test_a_start_after_any_end_makes_the_warehouse_whole(kafka: str, topic: str, warehouse: Warehouse) -> None:
    write(kafka, topic, [said(course(course_id=f"k{n}", price=n)) for n in range(20)])
    write(kafka, topic, [taken_back(course(course_id="k3")), said(course(course_id="k4", price=44))])
    for _ in range(2):
        with closing(CatalogueFeed({"bootstrap.servers": kafka}, topic, warehouse)) as feed:
            catch_up(feed)
        assert prices(warehouse) == {f"k{n}": n for n in range(20) if n != 3} | {"k4": 44}


def test_what_the_topic_forgot_is_taken_back_but_not_what_came_meanwhile(
    kafka: str, topic: str, warehouse: Warehouse
) -> None:
    write(kafka, topic, [said(course(price=n)) for n in range(5)])
    store(warehouse, course(course_id="compacted away"), first_offset=2)
    store(warehouse, course(course_id="another worker's news"), first_offset=5)
    with closing(CatalogueFeed({"bootstrap.servers": kafka}, topic, warehouse)) as feed:
        catch_up(feed)
    assert prices(warehouse) == {"kursus": 4, "another worker's news": 200_000}


def test_an_empty_topic_is_caught_up_with(kafka: str, topic: str, warehouse: Warehouse) -> None:
    with closing(CatalogueFeed({"bootstrap.servers": kafka}, topic, warehouse)) as feed:
        catch_up(feed)
    assert prices(warehouse) == {}


def test_the_whole_topic_is_read_each_key_once(kafka: str, topic: str) -> None:
    later = course(valid_from=START_US + 1)
    write(kafka, topic, [said(one) for one in (later, course(), platform(), course(price=7), institution())])
    write(kafka, topic, [taken_back(institution())])
    assert read_catalogue({"bootstrap.servers": kafka}, topic) == [course(price=7), later, platform()]


def test_a_topic_that_is_not_there_is_reported(kafka: str) -> None:
    with pytest.raises(
        CatalogueUnreadable, match=r"^topic none does not exist: `dompet topics` creates what is missing"
    ):
        read_catalogue({"bootstrap.servers": kafka}, "none")


@pytest.mark.parametrize(
    "key",
    [
        None,
        b"",
        b"CourseListed/kursus",
        b"CourseListed/kursus/x",
        b"ShopListed/kursus/1",
        b"CourseListed/k/01",
        b"\xff",
    ],
)
def test_a_key_that_is_none_is_refused(key: bytes | None) -> None:
    with pytest.raises(InvalidListing, match=r"^the key is not type/id/valid_from"):
        read_record(0, key, None)


def test_a_key_of_another_listing_is_refused() -> None:
    with pytest.raises(InvalidListing, match=f"^the key of this listing is CourseListed/a/b/{START_US}$"):
        read_record(0, b"CourseListed/x/1", said(course(course_id="a/b")).value)
    assert read_record(0, said(course(course_id="a/b")).key, None).key.listed_id == "a/b"
