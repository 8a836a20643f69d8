"""The catalogue's topic, read from its beginning: what each record says, by its key."""

import logging
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, Message, TopicPartition

from dompet.schemas.catalogue import LISTING_CLASSES, InvalidListing, Listing, decode_listing
from dompet.schemas.errors import DompetError
from dompet.schemas.limits import id_fault, time_fault
from dompet.streams.kafka.consumer import reader
from dompet.streams.kafka.faults import KNOCK_S, QUIET_S, lasts
from dompet.streams.kafka.librdkafka import refresh_metadata
from dompet.streams.process.logs import Sparingly
from dompet.streams.process.patience import Unavailable

log = logging.getLogger("dompet.catalogue")

_ASK_S: Final = 10.0
_WAIT_S: Final = 0.2
_RECORDS_MAX: Final = 2_000
_STILL_S: Final = 30.0
_PARTITION: Final = 0
_SETTINGS: Final = {"auto.offset.reset": "earliest", "fetch.wait.max.ms": 50}


class CatalogueUnreadable(DompetError):
    """The catalogue's topic is not there, or cannot be read."""


class CatalogueUnavailable(CatalogueUnreadable, Unavailable):
    """The catalogue's broker does not answer now."""


def no_catalogue(topic: str) -> CatalogueUnreadable:
    """The refusal of a topic that is not there."""
    return CatalogueUnreadable(f"topic {topic} does not exist: `dompet topics` creates what is missing")


class ListingKey(NamedTuple):
    """What a record is about: the type's name, the id of what is listed, and from when the listing holds."""

    type_name: str
    listed_id: str
    valid_from_us: int

    @classmethod
    def of(cls, listing: Listing) -> Self:
        """A listing's own."""
        return cls(type(listing).__name__, getattr(listing, fields(listing)[0].name), listing.valid_from)


@dataclass(frozen=True, slots=True)
class CatalogueRecord:
    """A record of the topic; `listing` is None where it takes the listing of its key back."""

    offset: int
    key: ListingKey
    listing: Listing | None


def read_record(offset: int, key: bytes | None, value: bytes | None) -> CatalogueRecord:
    """What a record of the topic says. Raises InvalidListing, also where the key is not the listing's own: compaction
    would lose past prices by it.
    """
    parsed = _key(key)
    if value is None:
        _keep_limits(parsed)
        return CatalogueRecord(offset, parsed, None)
    listing = decode_listing(value)
    if listing.key().encode() != key:
        raise InvalidListing(f"the key of this listing is {listing.key()}")
    return CatalogueRecord(offset, parsed, listing)


def _key(key: bytes | None) -> ListingKey:
    try:
        type_name, _, rest = (key or b"").decode().partition("/")
        listed_id, _, valid_from = rest.rpartition("/")
        parsed = ListingKey(type_name, listed_id, int(valid_from))
    except ValueError:
        parsed = ListingKey("", "", 0)
    if parsed.type_name not in LISTING_CLASSES or "/".join(map(str, parsed)).encode() != key:
        raise InvalidListing("the key is not type/id/valid_from, such as CourseListed/k-1/1586476800000000")
    return parsed


def _keep_limits(key: ListingKey) -> None:
    """InvalidListing where no listing could have this key."""
    name, size = fields(LISTING_CLASSES[key.type_name])[0].name, len(key.listed_id.encode())
    if fault := id_fault(name, key.listed_id, size) or time_fault("valid_from", key.valid_from_us):
        raise InvalidListing(f"the key's {fault}")


class CatalogueReader:
    """Reads the topic from its beginning, beside every consumer group. For one thread; `close` it.

    Raises CatalogueUnreadable where the topic is not there or the broker does not answer.
    """

    def __init__(self, kafka: Mapping[str, Any], topic: str) -> None:
        self._topic = topic
        self._consumer = reader(kafka, "catalogue-readers", _SETTINGS)
        self._log = Sparingly(log)
        self.complaint = ""
        self.passed_over = 0
        """How many records were left out because they break their contract."""
        self.end: int | None = None
        """Where the topic's end was when it was first reached."""
        try:
            known = self._consumer.list_topics(timeout=_ASK_S).topics
        except KafkaException as error:
            self._consumer.close()
            kind = CatalogueUnreadable if lasts(error.args[0]) else CatalogueUnavailable
            raise kind(f"topic {topic}: {error.args[0].str()}") from None
        if topic not in known:
            self._consumer.close()
            raise no_catalogue(topic)
        self._consumer.assign([TopicPartition(topic, _PARTITION, OFFSET_BEGINNING)])
        self._servers = kafka["bootstrap.servers"]
        self._knock_at = time.monotonic() + QUIET_S

    def read(self) -> list[CatalogueRecord]:
        """The next records, or none where nothing came for a moment; a record that breaks its contract is left out."""
        messages = self._consumer.consume(_RECORDS_MAX, _WAIT_S)
        if not messages and time.monotonic() >= self._knock_at:
            refresh_metadata(self._consumer, self._topic, self._servers, KNOCK_S)
            self._knock_at = time.monotonic() + QUIET_S
        return [record for message in messages if (record := self._record(message))]

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close()

    def _record(self, message: Message) -> CatalogueRecord | None:
        if (error := message.error()) is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                self.end = self.end if self.end is not None else int(message.offset() or 0)
            elif error.fatal() or not error.retriable():
                self.complaint = error.str()
                log.warning("topic %s: %s", self._topic, self.complaint)
            return None
        try:
            return read_record(int(message.offset() or 0), message.key(), message.value())
        except InvalidListing as fault:
            self.passed_over += 1
            place = f"topic {self._topic}, partition {_PARTITION}, offset {message.offset()}"
            self._log.warning("%s: %s; the record is passed over", place, fault)
            return None


def read_catalogue(kafka: Mapping[str, Any], topic: str) -> list[Listing]:
    """All listings that the topic holds now, each key once, by type, id and valid_from. Raises CatalogueUnreadable."""
    newest: dict[ListingKey, Listing | None] = {}
    with closing(CatalogueReader(kafka, topic)) as reader:
        deadline = time.monotonic() + _STILL_S
        while reader.end is None:
            if records := reader.read():
                newest.update((record.key, record.listing) for record in records)
                deadline = time.monotonic() + _STILL_S
            elif time.monotonic() > deadline:
                why = reader.complaint or f"the broker sent nothing for {_STILL_S:g} s"
                raise CatalogueUnreadable(f"topic {topic} was not read to its end: {why}")
    return [listing for _, listing in sorted(newest.items(), key=itemgetter(0)) if listing is not None]
