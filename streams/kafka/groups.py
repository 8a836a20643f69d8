"""The workers' consumer group as the broker sees it."""

from typing import Any, Final

from confluent_kafka import KafkaException

from dompet.streams.kafka.admin import KafkaUnreachable, admin_client
from dompet.streams.settings import Settings

_ASK_S: Final = 10.0


def members_of(settings: Settings) -> list[dict[str, Any]]:
    """The members of the group, with id, host and partitions of the log; KafkaUnreachable where nobody says."""
    admin = admin_client(settings)
    try:
        found = admin.describe_consumer_groups([settings.group], request_timeout=_ASK_S)[settings.group].result()
    except KafkaException as error:
        raise KafkaUnreachable(f"group {settings.group}: {error.args[0].str()}") from None
    return [
        {
            "id": member.member_id,
            "host": str(member.host).lstrip("/"),
            "partitions": sorted(
                one.partition for one in member.assignment.topic_partitions if one.topic == settings.log_topic
            ),
        }
        for member in found.members
    ]
