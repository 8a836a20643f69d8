"""Records far longer than any event: dead, and no burden to the batch they come in."""

from dompet.schemas.contracts import Kind, events_by_id
from dompet.schemas.dead import KeyMismatch, TrailingBytes
from dompet.schemas.decode import decode
from dompet.schemas.limits import FREE_TEXT, ID_BYTES_MAX, TEXT_BYTES_MAX
from dompet.schemas.records import VALUE_BYTES_MAX
from dompet.schemas.wire import HEADER_BYTES
from tests.schemas.corpus import GOOD
from tests.schemas.log_records import LogRecord, batch, rightly_placed

NUMBER_BYTES = {Kind.LONG: 10, Kind.TIME: 10, Kind.NULLABLE_LONG: 11, Kind.BOOLEAN: 1}


def test_no_valid_event_is_longer_than_what_the_decoder_looks_at() -> None:
    for contract in events_by_id().values():
        texts = [TEXT_BYTES_MAX if field.name in FREE_TEXT else ID_BYTES_MAX for field in contract.fields]
        sizes = [NUMBER_BYTES.get(field.kind, text + 2) for field, text in zip(contract.fields, texts, strict=True)]
        assert HEADER_BYTES + sum(sizes) <= VALUE_BYTES_MAX, contract.name


def test_a_record_longer_than_any_event_is_dead_alone() -> None:
    good = rightly_placed(GOOD[0].key, GOOD[0].value)
    long_value = LogRecord(good.key, (good.value or b"") + bytes(10 * VALUE_BYTES_MAX), good.partition)
    long_key = LogRecord(b"k" * (10 * VALUE_BYTES_MAX), good.value, good.partition)
    decoded = decode(batch([good, long_value, good, long_key, good]))
    assert {row: type(fault) for row, fault in decoded.dead.items()} == {1: TrailingBytes, 3: KeyMismatch}
    assert decoded.strings["event_id"].blob.nbytes < 2 * VALUE_BYTES_MAX
