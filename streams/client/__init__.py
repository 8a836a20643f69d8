"""The light client: publishing through a gateway, or into an inbox, with what `pip install dompet` brings.

    with Publisher(Gateway("https://gateway.example", token)) as publisher:
        publisher.publish(CourseReviewed(...))

    with Publisher(Inbox("broker:9092", "tokopedia", {"security.protocol": "SASL_SSL", ...})) as publisher:
        publisher.publish_fields("CourseReviewed", {...})

The events are the classes of `dompet.schemas.events`. No module of this room, and none that it imports, needs a library
of the pipeline.
"""

from dompet.streams.client.gateway import Gateway
from dompet.streams.client.inbox import Inbox
from dompet.streams.client.publisher import EventsRefused, Publisher
from dompet.streams.client.way import NotDelivered, NotLetIn

__all__ = ["EventsRefused", "Gateway", "Inbox", "NotDelivered", "NotLetIn", "Publisher"]
