"""Publishing listings to the catalogue's topic. Publishing one again changes nothing: its key is the same."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from dompet.schemas.catalogue import Listing, encode_listing
from dompet.streams.catalogue.topic import no_catalogue
from dompet.streams.kafka.admin import admin_client, cluster
from dompet.streams.kafka.producer import event_producer
from dompet.streams.publish import DeliveryFailed
from dompet.streams.settings import Settings
from dompet.streams.terminal.figures import Stopwatch

_log = logging.getLogger("dompet.kafka")
_DELIVERY_LIMIT_S: Final = 60.0
_WAIT_S: Final = 0.2


def publish_listings(settings: Settings, listings: Sequence[Listing]) -> None:
    """Publish them in their order; when this returns, the broker has acknowledged every one.

    Raises InvalidListing, KafkaUnreachable and CatalogueUnreadable before anything is sent, DeliveryFailed where the
    broker did not take all.
    """
    records = [(one.key(), encode_listing(type(one).__name__, asdict(one))) for one in listings]
    topic = settings.topics.catalogue.name
    if topic not in cluster(admin_client(settings)).topics:
        raise no_catalogue(topic)
    failures: list[str] = []

    def on_delivery(error: KafkaError | None, _: Message) -> None:
        if error:
            failures.append(error.str())

    producer = event_producer(str(settings.kafka), settings.client_config(), _log, on_delivery=on_delivery)
    watch = Stopwatch()
    try:
        for key, value in records:
            while not _taken(producer, topic, key, value) and not failures and watch.seconds < _DELIVERY_LIMIT_S:
                pass
    except KafkaException as error:
        failures.append(error.args[0].str())
    # In short waits, so that Ctrl-C is heard between them.
    while (waiting := producer.flush(_WAIT_S)) and not failures and watch.seconds < _DELIVERY_LIMIT_S:
        pass
    if waiting or failures:
        why = failures[0] if failures else "the broker acknowledged too little"
        raise DeliveryFailed(len(failures) + waiting, f"the catalogue was not delivered to {topic}: {why}")


def _taken(producer: Producer, topic: str, key: str, value: bytes) -> bool:
    """Whether librdkafka's queue had room for the record; it is waited for a moment."""
    try:
        producer.produce(topic, value, key)
    except BufferError:
        producer.poll(_WAIT_S)
        return False
    return True
