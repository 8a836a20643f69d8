"""What the routers' checker finds: each planted fault by its name, and nothing in what is right."""

import pytest

from tests.faults.found import ALTERED, DISORDERED, DOUBLED, INVENTED, LOST
from tests.faults.routed import Routed, compare_inboxes, disordered, routed_of
from tests.support.log_reader import LogRecord

PUT = [Routed("inbox", 0, offset, b"b-%d" % (offset % 3), b"%d" % offset) for offset in range(9)]


def test_a_log_that_has_each_record_once_is_right() -> None:
    assert compare_inboxes(PUT, PUT[::-1]).counts == {}
    assert disordered(PUT).counts == {}


@pytest.mark.parametrize(
    ("log", "found"),
    [
        (PUT[:-1], {LOST: 1}),
        ([*PUT, PUT[3]], {DOUBLED: 1}),
        ([*PUT, PUT[0]._replace(offset=9)], {INVENTED: 1}),
        ([PUT[0]._replace(digest=b"x"), *PUT[1:]], {ALTERED: 1}),
        ([PUT[0]._replace(person=b"b-9"), *PUT[1:]], {ALTERED: 1}),
    ],
)
def test_what_is_not_as_in_the_inbox_is_found(log: list[Routed], found: dict[str, int]) -> None:
    assert compare_inboxes(PUT, log).counts == found


def test_a_person_whose_records_changed_places_is_found() -> None:
    assert disordered([PUT[3], PUT[0], *PUT[1:3]]).counts == {DISORDERED: 1}
    assert disordered([PUT[1], PUT[0], *PUT[2:]]).counts == {}  # of two people


def test_the_origin_is_what_the_headers_say() -> None:
    headers = (("dompet.origin.topic", b"inbox"), ("dompet.origin.partition", b"2"), ("dompet.origin.offset", b"7"))
    log = [LogRecord(0, 5, b"b-1", b"value", 0, headers), LogRecord(0, 6, b"b-1", b"value")]
    assert [one.place for one in routed_of(log)] == [("inbox", 2, 7)]
