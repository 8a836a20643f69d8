"""Which later rejections an event that failed may explain is said of every reason and of every type."""

from dompet.projections.vocabulary import Verdict
from dompet.schemas.contracts import events_by_name
from dompet.streams.redrive.consequences import OPENED_BY_NOTHING, OPENS_NOTHING, OPENS_THE_WAY


def test_every_reason_is_one_that_an_earlier_event_could_take_away_or_not() -> None:
    reasons = {one.reason for one in Verdict} - {""}
    assert OPENS_THE_WAY.keys() | OPENED_BY_NOTHING == reasons
    assert not OPENS_THE_WAY.keys() & OPENED_BY_NOTHING


def test_every_type_opens_the_way_for_another_event_or_is_declared_to_open_none() -> None:
    opening = {name for types in OPENS_THE_WAY.values() for name in types}
    assert opening | OPENS_NOTHING == set(events_by_name())
    assert not opening & OPENS_NOTHING
