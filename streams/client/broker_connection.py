"""A connection to a Kafka broker by kafka-python: its own clients retry, and hide why one is refused."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_LIMIT_MS: Final = 10_000
"""So long one connection or one answer may take."""


@dataclass(frozen=True)
class TopicSeen:
    """A topic as a broker describes it to who asks. `error` is Kafka's code, 0 for none; `leaders` are brokers' ids, -1
    where a partition has none; `operations` are Kafka's codes of what who asks may do, None where they are not said.
    """

    error: int
    leaders: tuple[int, ...]
    operations: frozenset[int] | None


class BrokerConnection:
    """The brokers at `servers`. `client`: kafka-python's settings of how to reach them. For one thread."""

    def __init__(self, servers: str, client: Mapping[str, Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from kafka.net.manager import KafkaConnectionManager
            from kafka.net.selector import NetworkSelector

        self._net = NetworkSelector()
        own = {"bootstrap_servers": servers.split(","), "request_timeout_ms": _LIMIT_MS}
        self._manager = KafkaConnectionManager(self._net, **own, **client)
        self._connection: Any = None

    @property
    def spoke(self) -> bool:
        """Whether the broker that was tried last spoke Kafka, whatever it made of who asks."""
        return self._connection is not None and self._connection.broker_version_data is not None

    def connect(self) -> None:
        """Connect, and sign in, to the first that speaks Kafka. KafkaError, OSError where none does, or it refuses."""
        self._net.run(self._connect)

    def describe(self, *topics: str) -> dict[str, TopicSeen]:
        """Topics as the broker shows them to who asks. KafkaError, OSError."""
        found: dict[str, TopicSeen] = self._net.run(self._describe, topics)
        return found

    def address(self, broker: int) -> str:
        """Where a broker says that it is."""
        node = self._manager.cluster.broker_metadata(broker)
        return f"{node.host}:{node.port}"

    def reach(self, broker: int) -> None:
        """Connect, and sign in, to a broker where it says that it is. KafkaError, OSError."""
        self._net.run(self._to, broker)

    def close(self) -> None:
        """Close the connections."""
        self._manager.close()
        self._net.close()

    async def _connect(self) -> None:
        from kafka.errors import KafkaError

        nodes = self._manager.cluster.bootstrap_brokers()
        for node in nodes:
            try:
                return await self._to(node.node_id)
            except (KafkaError, OSError):
                if self.spoke or node is nodes[-1]:
                    raise

    async def _to(self, node: Any) -> None:
        how = {"pop_on_close": False, "refresh_metadata_on_err": False}
        self._connection = self._manager.get_connection(node, timeout_ms=_LIMIT_MS, **how)
        await self._connection

    async def _describe(self, topics: tuple[str, ...]) -> dict[str, TopicSeen]:
        from kafka.protocol.metadata import MetadataRequest

        request = MetadataRequest(
            topics=[MetadataRequest.MetadataRequestTopic(name=name) for name in topics],
            allow_auto_topic_creation=False,
            include_cluster_authorized_operations=False,
            include_topic_authorized_operations=True,
        )
        answer = await self._connection.send_request(request)
        self._manager.cluster.update_metadata(answer)
        return {one.name: _seen(one) for one in answer.topics}


def _seen(topic: Any) -> TopicSeen:
    operations = topic.authorized_operations
    return TopicSeen(
        topic.error_code,
        tuple(one.leader_id for one in topic.partitions),
        None if operations is None else frozenset(map(int, operations)),
    )
