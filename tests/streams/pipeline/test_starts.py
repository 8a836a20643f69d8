"""A command whose Kafka broker leaves after it was reached says so in a sentence, whatever it asks next."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import OFFSET_INVALID, TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.infra.ports import HOST
from dompet.streams.kafka import admin as kafka_admin
from dompet.streams.kafka.admin import KafkaUnreachable, admin_client, cluster, log_offsets
from dompet.streams.settings import read_settings
from tests.faults.proxy import Link, Network
from tests.faults.stage import LinkedBroker
from tests.support.leaving_broker import leaving_broker

GONE = "^the Kafka broker does not answer any more: "


@pytest.mark.server
def test_a_broker_that_leaves_after_it_was_reached_is_reported_by_whatever_is_asked_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_admin, "_ASK_LIMIT_S", 0.5)
    with Network() as network, LinkedBroker(tmp_path, network, ["command"]) as broker:
        [link] = broker.links.values()
        admin = reached(link)
        assert cluster(admin).cluster_id == broker.cluster_id
        link.cut()
        for _ in range(2):
            with pytest.raises(KafkaUnreachable, match=GONE):
                cluster(admin, 0.5)
            with pytest.raises(KafkaUnreachable, match=GONE):
                log_offsets(admin, "dompet.events")
        link.repair()


def reached(link: Link) -> AdminClient:
    return admin_client(read_settings(kafka=f"{HOST}:{link.port}", log_topic="dompet.events"))


def test_a_broker_that_names_none_is_shutting_down() -> None:
    with leaving_broker("dompet.events") as broker:
        admin = admin_client(read_settings(kafka=broker.bootstrap))
        assert len(cluster(admin).brokers) == 1
        broker.send_on("")
        with pytest.raises(KafkaUnreachable, match=r"^the Kafka broker is shutting down$"):
            cluster(admin)


def test_a_broker_that_leaves_in_the_middle_of_its_answers_is_not_taken_at_its_word() -> None:
    class Leaving:
        """Answers as librdkafka's admin client does where only some of the answers have come."""

        def list_topics(self, timeout: float) -> Any:
            return SimpleNamespace(brokers={1: "one"}, topics={"log": SimpleNamespace(partitions={0: "", 1: ""})})

        def list_offsets(self, asked: dict[TopicPartition, object], **_: object) -> Any:
            offsets = zip(asked, (7, OFFSET_INVALID), strict=True)
            return {one: SimpleNamespace(result=partial(SimpleNamespace, offset=offset)) for one, offset in offsets}

    with pytest.raises(KafkaUnreachable, match=r"^topic log: its offsets cannot be read: the broker did not answer$"):
        log_offsets(Leaving(), "log")  # type: ignore[arg-type]
