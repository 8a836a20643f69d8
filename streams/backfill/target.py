"""The log that an import goes to, told apart from every other: what one has acknowledged says nothing of another."""

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from dompet.streams.publish import BrokerUnreachable
from dompet.streams.settings import Settings


def log_identity(admin: AdminClient, settings: Settings) -> str:
    """The log topic's own id, which no other topic of its name has; BrokerUnreachable where there is none."""
    name = settings.topics.log.name
    try:
        topic = admin.describe_topics(TopicCollection([name]))[name].result()
    except KafkaException as error:
        raise BrokerUnreachable(f"the Kafka at {settings.kafka}: topic {name}: {error.args[0].str()}") from None
    return f"{name}/{topic.topic_id}"
