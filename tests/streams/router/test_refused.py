"""What of an inbox never reaches the log: it is among the inbox's dead letters, bytes unchanged, with the reason."""

from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.schema_registry import header_schema_id_serializer
from confluent_kafka.schema_registry.serde import SchemaId
from confluent_kafka.serialization import MessageField, SerializationContext

from dompet.schemas.contracts import events_by_name
from dompet.schemas.guids import guid_of
from dompet.streams.kafka.consumer import UNPACKED_BYTES_MAX
from dompet.streams.publishers.entries import new_publisher
from dompet.streams.publishers.topic import write_publisher
from dompet.streams.settings import read_settings
from tests.support.inboxes import Sent, purchase, put
from tests.support.kafka_python import KafkaProducer
from tests.support.raw_batches import ZSTD, batch, send
from tests.support.routers import Routing, origin_of, routing

NIK = b"3171234567890123"


def reasons(run: Routing, publisher: str) -> list[tuple[int, str]]:
    """The dead letters of an inbox, by their offsets there, and why each is one."""
    letters = [dict(one.headers()) for one in run.dead(publisher)]
    names = "__connect.errors.offset", "__connect.errors.exception.class.name"
    return sorted((int(one[names[0]]), one[names[1]].decode()) for one in letters)


def test_what_is_anothers_or_no_worker_could_read_goes_to_the_inboxs_dead_letters(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path, publishers=("one", "two")) as run:
        one, two = run.inboxes
        key, value = purchase(one, 1)
        sent: list[Sent] = [
            (key, value),
            purchase(two, 2),  # another's events
            purchase("programme", 3),
            (None, value),
            (b"b-other", value),
            (key, value + b"\0"),
            (key, b'{"type": "SaldoCredited"}'),
            (key, None),
            (key, value[:5] + bytes(9_000)),
            (NIK, purchase(one, 4, beneficiary_id="n" * 16)[1].replace(b"n" * 16, NIK)),
            purchase(one, 5),
        ]
        put(kafka, run.inboxes[one].topic.name, sent)
        with run.router() as router:
            run.until_settled(router)
            assert router.health()["refused"] == 9
        assert [at for _, _, at in sorted(map(origin_of, run.on_log()))] == [0, 10]
        assert reasons(run, one) == [
            (1, "NotTheOwners"),
            (2, "NotTheOwners"),
            (3, "KeyMismatch"),
            (4, "KeyMismatch"),
            (5, "TrailingBytes"),
            (6, "BadMagic"),
            (7, "NullValue"),
            (8, "TrailingBytes"),
            (9, "NationalId"),
        ]
        assert sorted((each.key() or b"", each.value() or b"") for each in run.dead(one)) == sorted(
            (key or b"", value or b"") for key, value in sent[1:10]
        )
        assert run.dead(two) == []


def test_a_suspended_publishers_records_are_refused_and_nobodys_inbox_is_left_alone(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path, publishers=("one", "two")) as run:
        one, two = run.inboxes
        settings = read_settings(kafka=kafka, home=tmp_path)
        write_publisher(settings, replace(new_publisher(one, "platform"), suspended=True))
        for name in (one, two):
            put(kafka, run.inboxes[name].topic.name, [purchase(name, 1)])
        with run.router() as router:
            run.until_settled(router)
        assert [origin_of(each)[0] for each in run.on_log()] == [run.inboxes[two].topic.name]
        assert reasons(run, one) == [(0, "NotAdmitted")]


@pytest.mark.parametrize("form", ["id", "guid"])
def test_a_schema_id_in_the_header_is_put_in_front_as_the_log_has_it(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path, form: str
) -> None:
    contract = events_by_name()["CoursePurchased"]
    schema = SchemaId("AVRO", contract.schema_id, str(guid_of(contract.schema_id)))
    with routing(kafka, kafka_admin, tmp_path) as run:
        [publisher] = run.inboxes
        context = SerializationContext("", MessageField.VALUE, [])
        header_schema_id_serializer(b"", context, schema)
        assert isinstance(context.headers, list)
        name, by_guid = context.headers[0]
        header = schema.id_to_bytes() if form == "id" else by_guid
        producer = Producer({"bootstrap.servers": kafka, "log_level": 0})
        sent = [purchase(publisher, number) for number in range(6)] + [purchase("another", 6)]
        for number, (key, value) in enumerate(sent):
            plain = number == 3
            producer.produce(
                run.inboxes[publisher].topic.name,
                value if plain else value[5:],
                key,
                headers=[] if plain else [("trace", b"x"), (name, header)],
            )
        producer.produce(run.inboxes[publisher].topic.name, sent[0][1][5:], sent[0][0], headers=[(name, b"\1" * 17)])
        assert producer.flush(30) == 0
        with run.router() as router:
            run.until_settled(router)
        assert sorted((one.key(), one.value()) for one in run.on_log()) == sorted(sent[:6])
        assert all(name not in dict(one.headers()) for one in run.on_log())
        assert reasons(run, publisher) == [(6, "NotTheOwners"), (7, "BadMagic")]
        refused = next(one for one in run.dead(publisher) if one.value() == sent[6][1][5:])
        assert dict(refused.headers())[name] == schema.id_to_bytes()


def test_any_client_and_compression_will_do_and_an_aborted_transaction_leaves_nothing(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run:
        [publisher] = run.inboxes
        inbox = run.inboxes[publisher].topic.name
        sent = []
        for number, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
            sent.append(purchase(publisher, number))
            put(kafka, inbox, sent[-1:], None, **{"compression.type": codec})
        other = KafkaProducer(bootstrap_servers=kafka)
        sent.append(purchase(publisher, 5))
        other.send(inbox, sent[-1][1], sent[-1][0])
        other.flush()
        other.close()
        producer = Producer({"bootstrap.servers": kafka, "log_level": 0, "transactional.id": inbox})
        producer.init_transactions(30)
        for number, commits in ((6, False), (7, True), (8, False)):
            producer.begin_transaction()
            key, value = purchase(publisher, number)
            producer.produce(inbox, value, key)
            producer.flush(30)
            if commits:
                sent.append((key, value))
                producer.commit_transaction(30)
            else:
                producer.abort_transaction(30)
        with run.router() as router:
            run.until_settled(router)
            assert router.health()["lag"] == 0
        assert sorted((one.key(), one.value()) for one in run.on_log()) == sorted(sent)
        assert run.dead(publisher) == []


def test_a_batch_that_no_client_can_unpack_is_a_dead_letter_for_exactly_its_offsets(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    with routing(kafka, kafka_admin, tmp_path) as run:
        [publisher] = run.inboxes
        inbox = run.inboxes[publisher].topic.name
        put(kafka, inbox, [purchase(publisher, 0)])
        large = bytes(UNPACKED_BYTES_MAX // 3 + 1)
        assert send(kafka, inbox, 0, batch([(b"k", large)] * 3, codec=ZSTD)) == 1
        put(kafka, inbox, [purchase(publisher, 4)])
        with run.router() as router:
            run.until_settled(router)
        assert [at for _, _, at in sorted(map(origin_of, run.on_log()))] == [0, 4]
        assert reasons(run, publisher) == [(1, "Unreadable"), (2, "Unreadable"), (3, "Unreadable")]
