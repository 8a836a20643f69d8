"""What broken bytes still tell of their sender, and never more than could be true."""

from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.hints import Hints, hints_of
from dompet.schemas.limits import id_fault
from tests.schemas.corpus import SANCTIONED, SURVEYED, record, text
from tests.schemas.log_records import any_record

BOTH = Hints("abc", "tokopedia")


def test_ids_are_read_before_the_fault_and_across_it() -> None:
    assert hints_of(record(SURVEYED)) == BOTH
    assert hints_of(record(SANCTIONED)[:-1]) == BOTH
    assert hints_of(record(SURVEYED, event_id=text(b"\xff"))) == BOTH
    assert hints_of(record(SURVEYED, occurred_at=b"\0")) == BOTH
    assert hints_of(record(SURVEYED, publisher_id=text(b"\xff"))) == Hints("abc", "")
    assert hints_of(record(SURVEYED)[:13]) == Hints("abc", "")


def test_another_schema_is_believed_only_where_its_fields_fit() -> None:
    unknown = b"\0" + (1999).to_bytes(4, "big")
    assert hints_of(unknown + record(SURVEYED)[5:]) == BOTH
    assert hints_of(unknown + record(SURVEYED, occurred_at=b"\0")[5:]) == Hints()


def test_json_reports_its_publisher() -> None:
    assert hints_of(b' {"publisher_id": "toko", "beneficiary_id": 7}') == Hints("", "toko")
    assert hints_of(b'{"publisher_id": "\\ud800"}').publisher_id in {"", "?"}
    assert hints_of(b"{") == hints_of(b"[1]") == hints_of(b"") == hints_of(None) == Hints()


@given(st.binary(max_size=100) | st.integers(0, 2**32).map(lambda seed: any_record(seed).value or b""))
def test_whatever_the_bytes_are_what_is_reported_could_be_an_id_of_a_pseudonym(value: bytes) -> None:
    found = hints_of(value)
    for name, reported in zip(Hints._fields, found, strict=True):
        assert not reported or id_fault(name, reported, len(reported.encode())) is None
