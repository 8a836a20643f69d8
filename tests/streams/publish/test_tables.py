"""Tables of Arrow, Polars and pandas, published to a real Kafka and read back by kafka-python."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa
import pytest

from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.wire import decode, encode_fields
from dompet.streams.publish import DeliveryError, DeliveryFailed, Publisher, tables
from tests.schemas.surveys import survey
from tests.support.kafka import LogTopicMaker
from tests.support.log_reader import LogRecord, read_log

TYPE = "CourseCompleted"
SCORES = [100, None, -1]
_SHARED = {"event_id", "beneficiary_id", "occurred_at", "publisher_id"}
TIME = datetime(2020, 4, 15, 9, 45, 0, 5, tzinfo=UTC)


def _columns(rows: int = 3) -> dict[str, list[Any]]:
    return {
        "order_id": [f"INV/{row}" for row in range(rows)],
        "event_id": [f"e-{row}" for row in range(rows)],
        "beneficiary_id": [f"orang-{row % 5}" for row in range(rows)],
        "occurred_at": [TIME] * rows,
        "publisher_id": ["tokopedia"] * rows,
        "platform_id": ["tokopedia"] * rows,
        "certificate_id": [f"sertifikat é {row}" for row in range(rows)],
        "score": [SCORES[row % 3] for row in range(rows)],
    }


class OnlyTheProtocol:
    """A table that offers the dataframe protocol, as older pandas do."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __dataframe__(self, *args: Any, **named: Any) -> Any:
        return self._table.__dataframe__(*args, **named)


def _arrow() -> pa.Table:
    return pa.table(_columns())


def _of_pandas() -> pd.DataFrame:
    frame = pd.DataFrame(_columns()).astype({"score": "Int64", "platform_id": "category"})
    frame.index = [3, 5, 8]
    return frame


TABLES: dict[str, Callable[[], object]] = {
    "Arrow's table": _arrow,
    "Arrow's record batch": lambda: _arrow().to_batches()[0],
    "Arrow's stream": lambda: _arrow().to_reader(),
    "Polars": lambda: pl.DataFrame(_columns()).with_columns(pl.col("publisher_id").cast(pl.Categorical)),
    "pandas": _of_pandas,
    "the dataframe protocol": lambda: OnlyTheProtocol(_arrow()),
}


def _values(records: list[LogRecord]) -> list[bytes]:
    return sorted(record.value for record in records)


def _expected(rows: int = 3) -> list[bytes]:
    columns = _columns(rows)
    return sorted(
        encode_fields(TYPE, dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    )


@pytest.mark.parametrize("kind", TABLES)
def test_rows_arrive_as_the_same_events_one_by_one(kind: str, kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic()
    with Publisher(kafka, topic) as publisher:
        publisher.publish_table(TYPE, TABLES[kind]())
    records = read_log(kafka, topic)
    assert _values(records) == _expected()
    for record in records:
        assert record.key == str(decode(record.value)[1]["beneficiary_id"]).encode()
        assert record.partition == partition_of(record.key, 12)


def test_a_table_of_many_chunks_keeps_each_person_s_order_with_events_before_and_after_it(
    kafka: str, log_topic: LogTopicMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 7)
    monkeypatch.setattr(tables, "HELD_BYTES_MAX", 10_000)
    topic = log_topic(3)
    numbered = {"survey_no": [0, 1, 2] * 100, "event_id": [f"e-{row}" for row in range(300)]}
    people = [f"orang-{row // 3 % 20}" for row in range(300)]
    fixed = {"publisher_id": ["programme"] * 300, "occurred_at": [TIME] * 300}
    table = pa.concat_tables([pa.table({**numbered, **fixed, "beneficiary_id": people})] * 2)
    with Publisher(kafka, topic, config={"queue.buffering.max.messages": 50}) as publisher:
        publisher.publish(survey("orang-1", -1))
        publisher.publish_table("SurveySubmitted", table)
        publisher.publish(survey("orang-1", -2))
        publisher.flush()
        assert publisher.acknowledged == 602
    found: dict[str, list[Any]] = {}
    for record in read_log(kafka, topic):
        found.setdefault(record.key.decode(), []).append(decode(record.value)[1]["survey_no"])
    usual = [0, 1, 2] * 10
    assert found == {f"orang-{person}": [-1, *usual, -2] if person == 1 else usual for person in range(20)}


def test_a_table_with_a_row_that_is_no_event_is_refused_whole_and_the_row_is_named(
    kafka: str, log_topic: LogTopicMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 4)
    topic = log_topic(1)
    columns = _columns(10)
    columns["beneficiary_id"][6] = "3171234567890123"
    columns["order_id"][9] = ""
    with Publisher(kafka, topic) as publisher:
        with pytest.raises(InvalidEvent, match=r"^row 6: CourseCompleted: beneficiary_id has 16 digits"):
            publisher.publish_table(TYPE, pa.table(columns))
        publisher.publish_table(TYPE, pa.table(_columns(2)))
    assert _values(read_log(kafka, topic)) == _expected(2)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (pa.table({"event_id": ["e-1"]}), "^CourseCompleted: beneficiary_id is missing$"),
        (pa.table({**_columns(0), "colour": []}), "^CourseCompleted: it has no field 'colour'$"),
        ([_columns(1)], "^a table is required: of Arrow, Polars or pandas, or a stream of Arrow's; list is none$"),
        (
            pl.DataFrame(_columns()).with_columns(pl.col("occurred_at").dt.replace_time_zone(None)),
            "^row 0: .* no offset",
        ),
        (pd.DataFrame(_columns()), "^row 0: CourseCompleted: score is a number with a fraction or exponent"),
    ],
)
def test_what_is_no_table_of_the_type_is_refused_in_a_sentence(
    table: object, why: str, kafka: str, log_topic: LogTopicMaker
) -> None:
    topic = log_topic(1)
    with Publisher(kafka, topic) as publisher, pytest.raises(InvalidEvent, match=why):
        publisher.publish_table(TYPE, table)
    assert read_log(kafka, topic) == []


def test_a_table_without_rows_is_published_as_it_is(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(1)
    with Publisher(kafka, topic) as publisher:
        publisher.publish_table(TYPE, pa.table(_columns()).slice(3))
    assert read_log(kafka, topic) == []


def test_rows_that_are_not_delivered_are_named_by_their_table(kafka: str, deaf_topic: str) -> None:
    with pytest.raises(DeliveryFailed) as failure, Publisher(kafka, deaf_topic) as publisher:
        publisher.publish_table(TYPE, pa.table(_columns(1)))
        publisher.publish_table(TYPE, pa.table(_columns(3)))
        publisher.publish(survey("orang-1", 1))
    assert str(failure.value) == (
        f"5 events are not delivered to {deaf_topic} (row 0 of table 1 (CourseCompleted); rows 0 to 2 of table 2 "
        "(CourseCompleted)), the first because: Broker: Message size too large"
    )
    assert failure.value.rows == {"table 1 (CourseCompleted)": (0,), "table 2 (CourseCompleted)": (0, 1, 2)}
    assert failure.value.failed == 5


def test_rows_that_were_not_even_sent_because_others_failed_are_named_too(
    kafka: str, deaf_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 30)
    with Publisher(kafka, deaf_topic, config={"queue.buffering.max.messages": 10}) as publisher:
        with pytest.raises(DeliveryFailed) as failure:
            publisher.publish_table(TYPE, pa.table(_columns(100)))
        assert failure.value.rows == {"table 1 (CourseCompleted)": tuple(range(100))}
        assert publisher.acknowledged == 0


def test_a_row_that_is_too_large_for_the_settings_is_named_and_the_others_are_delivered(
    kafka: str, log_topic: LogTopicMaker
) -> None:
    topic = log_topic(1)
    reasons = ["r", "r" * 512, "r"]
    failures = {name: values for name, values in _columns().items() if name in _SHARED}
    table = pa.table({**failures, "payout_id": ["p"] * 3, "amount": [1] * 3, "channel": reasons, "reason": reasons})
    with (
        pytest.raises(DeliveryFailed, match=r"^1 event .* \(row 1 of table 1 .*Message size too large$"),
        Publisher(kafka, topic, config={"message.max.bytes": 1000}) as publisher,
    ):
        publisher.publish_table("IncentivePayoutFailed", table)
    assert len(read_log(kafka, topic)) == 2


def test_rows_fail_aloud_even_where_events_are_reported_one_by_one(kafka: str, deaf_topic: str) -> None:
    reported: list[DeliveryError | None] = []
    with (
        pytest.raises(DeliveryFailed, match=r"^1 event is not delivered to .* \(row 0 of table 1"),
        Publisher(kafka, deaf_topic, on_delivery=lambda _, error: reported.append(error)) as publisher,
    ):
        publisher.publish(survey("orang-1", 1))
        publisher.publish_table(TYPE, pa.table(_columns(1)))
    assert list(map(str, reported)) == ["Broker: Message size too large"]


def test_a_closed_publisher_takes_no_table(kafka: str, log_topic: LogTopicMaker) -> None:
    with Publisher(kafka, log_topic(1)) as publisher:
        pass
    with pytest.raises(DompetError, match="the publisher is closed"):
        publisher.publish_table(TYPE, pa.table(_columns()))
