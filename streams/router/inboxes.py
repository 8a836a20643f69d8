"""The inboxes that there are: topics by their names."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from dompet.schemas.topics import INBOX_DEAD_SUFFIX, publisher_of
from dompet.streams.kafka.admin import KafkaUnreachable, cluster

_ASK_S: Final = 10.0


@dataclass(frozen=True)
class Inbox:
    """One that exists."""

    publisher: str
    topic: str
    topic_id: str
    partitions: int

    @property
    def dead_letters(self) -> str:
        """The topic of what was refused."""
        return f"{self.topic}{INBOX_DEAD_SUFFIX}"


def topic_ids(admin: AdminClient, names: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The id and the number of partitions of each topic that exists. Raises KafkaUnreachable."""
    found = {}
    names = list(names)
    answers = admin.describe_topics(TopicCollection(names), request_timeout=_ASK_S) if names else {}
    for name, answer in answers.items():
        try:
            topic = answer.result()
        except KafkaException as error:
            if error.args[0].code() != error.args[0].UNKNOWN_TOPIC_OR_PART:
                raise KafkaUnreachable(f"topic {name}: {error.args[0].str()}") from None
        else:
            found[name] = str(topic.topic_id), len(topic.partitions)
    return found


def find_inboxes(admin: AdminClient, publishers: Collection[str]) -> dict[str, Inbox]:
    """The inboxes of these publishers that exist, by their topics' names. Raises KafkaUnreachable."""
    owners = {name: publisher for name in cluster(admin).topics if (publisher := publisher_of(name))}
    wanted = {name: one for name, one in owners.items() if one in publishers}
    described = topic_ids(admin, wanted).items()
    return {name: Inbox(wanted[name], name, *found) for name, found in described}
