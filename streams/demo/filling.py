"""The demonstration's log, filled: the catalogue, and the programme from where an earlier run was cut."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.schemas.murmur2 import partition_of
from dompet.streams.catalogue.publishing import publish_listings
from dompet.streams.demo.marker import Marker
from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.programme import DEFAULT, programme_fields
from dompet.streams.demo.programme.programme import count as count_events
from dompet.streams.kafka.admin import cluster, log_offsets
from dompet.streams.publish import Publisher
from dompet.streams.publish.rows import chunks, publish_rows
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import Bar, bar, done, note
from dompet.streams.terminal.figures import Stopwatch, count, per_second, plural


def filled(settings: Settings, admin: AdminClient, people: int, seed: int) -> Marker:
    """The marker of a log that holds the whole programme: published now, as far as it was not there yet.

    A log that holds another programme of the demo is left as it is. DompetError where it holds anything else.
    """
    topic = settings.log_topic
    cluster_id = str(cluster(admin).cluster_id)
    offsets = log_offsets(admin, topic)
    stored = sum(end for _, end in offsets.values())
    marker = Marker.read(settings.home, cluster_id, topic)
    if marker is None:
        if stored:
            raise DompetError(
                f"topic {topic} at {settings.kafka} holds {plural(stored, 'record')} that this demo did not publish: "
                "name another topic with --log-topic, or another Kafka"
            )
        marker = Marker(cluster_id, topic, people, seed)
        marker.write(settings.home)
    elif (marker.people, marker.seed) != (people, seed):
        note(
            f"the data of {settings.home} are those of {plural(marker.people, 'person', 'people')}, "
            f"seed {marker.seed}: they are used (`make clean-data` starts again)"
        )
    if marker.events is not None:
        done(f"already published: {plural(marker.events, 'event')}")
        return marker
    if stored:
        note(f"{plural(stored, 'event')} were published before: going on after them")
    listed = list(catalogue(marker.seed, DEFAULT).records())
    publish_listings(settings, listed)
    done(f"catalogue published: {plural(len(listed), 'record')}")
    return _published(settings, marker, {partition: end for partition, (_, end) in offsets.items()})


def _published(settings: Settings, marker: Marker, stored: dict[int, int]) -> Marker:
    """Publish what the log lacks of the programme, and remember that it is whole."""
    expected = count_events(marker.people, marker.seed)
    watch, before = Stopwatch(), sum(stored.values())
    with (
        bar("publishing", expected) as show,
        Publisher(str(settings.kafka), settings.log_topic, settings.client_config()) as publisher,
    ):
        events = _send(publisher, marker, stored, show, expected)
        publisher.flush()
    rate = 0 if before else per_second(events, watch.seconds)  # what was there already is made again, and left out
    marker = replace(marker, events=events, published_per_s=rate)
    marker.write(settings.home)
    done(f"published {plural(events - before, 'event')}{f': {count(rate)} a second' if rate else ''}")
    return marker


def _send(publisher: Publisher, marker: Marker, stored: dict[int, int], show: Bar, expected: int) -> int:
    number = sent = 0
    for some in chunks(_missing(marker, stored)):
        lacking = [event for event in some if event[0]]
        if lacking:
            publish_rows(publisher, lacking, "what was to be published", sent)
            sent += len(lacking)
        number += len(some)
        show(number, expected)
    return number


def _missing(marker: Marker, stored: dict[int, int]) -> Iterator[tuple[str, Any]]:
    """The programme, without the names of the events that are on the log.

    A partition holds its events in their order without a gap, so what is stored of it is their beginning.
    """
    events = programme_fields(marker.people, marker.seed)
    left = Counter(stored)
    while any(left.values()):
        try:
            type_name, fields = next(events)
        except StopIteration:
            raise DompetError(
                f"topic {marker.topic} holds more than its programme: `make clean-data` starts again"
            ) from None
        partition = partition_of(fields["beneficiary_id"].encode(), len(stored))
        left[partition] -= (is_stored := left[partition] > 0)
        yield ("" if is_stored else type_name), fields
    yield from events
