"""What broken bytes still tell of their sender, and never more than could be true."""

from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.hints import Glimpse, glimpse
from dompet.schemas.limits import id_fault
from tests.schemas.corpus import SANCTIONED, SURVEYED, record, text
from tests.schemas.log_records import any_record

BOTH = Glimpse("abc", "tokopedia")


def test_ids_are_read_before_the_fault_and_across_it() -> None:
    assert glimpse(record(SURVEYED)) == BOTH
    assert glimpse(record(SANCTIONED)[:-1]) == BOTH
    assert glimpse(record(SURVEYED, event_id=text(b"\xff"))) == BOTH
    assert glimpse(record(SURVEYED, occurred_at=b"\0")) == BOTH
    assert glimpse(record(SURVEYED, publisher_id=text(b"\xff"))) == Glimpse("abc", "")
    assert glimpse(record(SURVEYED)[:13]) == Glimpse("abc", "")


def test_another_schema_is_believed_only_where_its_fields_fit() -> None:
    unknown = b"\0" + (1999).to_bytes(4, "big")
    assert glimpse(unknown + record(SURVEYED)[5:]) == BOTH
    assert glimpse(unknown + record(SURVEYED, occurred_at=b"\0")[5:]) == Glimpse()


def test_json_tells_its_publisher() -> None:
    assert glimpse(b' {"publisher_id": "toko", "beneficiary_id": 7}') == Glimpse("", "toko")
    assert glimpse(b'{"publisher_id": "\\ud800"}').publisher_id in {"", "?"}
    assert glimpse(b"{") == glimpse(b"[1]") == glimpse(b"") == glimpse(None) == Glimpse()


@given(st.binary(max_size=100) | st.integers(0, 2**32).map(lambda seed: any_record(seed).value or b""))
def test_whatever_the_bytes_are_what_is_told_could_be_an_id_of_a_pseudonym(value: bytes) -> None:
    found = glimpse(value)
    for name, told in zip(Glimpse._fields, found, strict=True):
        assert not told or id_fault(name, told, len(told.encode())) is None
