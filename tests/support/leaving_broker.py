"""A broker that shuts down as a cluster's last one does: asked for the cluster, it names no broker at all.

Kafka does so for some milliseconds of an orderly stop, which a client meets by chance alone. This one says only what it
is configured to say, of a topic of one partition; who asks it later is sent on to a real broker.
"""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, cast

from confluent_kafka import Consumer, KafkaException, Producer

_API_VERSIONS, _METADATA, _INIT_PRODUCER_ID = 18, 3, 22
_UNDERSTOOD: Final = {_API_VERSIONS: (0, 0), _METADATA: (1, 1), _INIT_PRODUCER_ID: (0, 0)}
_NO_ERROR, _LEADER_NOT_AVAILABLE, _COORDINATOR_LOADING, _UNSUPPORTED_VERSION = 0, 5, 14, 35
_NODE: Final = 1
_TRIES: Final = 200
_ASK_S: Final = 1.0


class LeavingBroker(socketserver.ThreadingTCPServer):
    """Speaks Kafka's protocol as far as a client needs it to find its way to a broker."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, topic: str) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.bootstrap = f"127.0.0.1:{self.server_address[1]}"
        self._topic = topic
        self._names, self._leads = self.bootstrap, True

    def desert(self, client: Consumer | Producer) -> None:
        """Leave and come back until the client has forgotten all brokers for good, which it does by chance."""
        with suppress(KafkaException):
            for _ in range(_TRIES):
                # As Kafka does it: first it leads no partition any more, and then it names nobody.
                for names, leads in ((self.bootstrap, True), (self.bootstrap, False), ("", False)):
                    self._names, self._leads = names, leads
                    client.list_topics(self._topic, timeout=_ASK_S)

    def send_on(self, bootstrap: str) -> None:
        """Name this broker from now on."""
        self._names, self._leads = bootstrap, True

    def answer(self, request: bytes) -> bytes:
        """The answer to a request, both without their lengths; ConnectionError for what is another broker's."""
        api, version, correlation = struct.unpack_from(">hhi", request)
        head = struct.pack(">i", correlation)
        if api == _API_VERSIONS:
            error = _UNSUPPORTED_VERSION if version else _NO_ERROR
            ranges = b"".join(struct.pack(">hhh", key, *span) for key, span in _UNDERSTOOD.items())
            return head + struct.pack(">hi", error, len(_UNDERSTOOD)) + ranges
        if api == _METADATA:
            return head + self._cluster()
        if self._names not in ("", self.bootstrap):
            raise ConnectionError
        return head + struct.pack(">ihqh", 0, _COORDINATOR_LOADING, -1, -1)

    def _cluster(self) -> bytes:
        brokers = struct.pack(">i", 0)
        if self._names:
            host, _, port = self._names.partition(":")
            brokers = struct.pack(">ii", 1, _NODE) + _text(host) + struct.pack(">ih", int(port), -1)
        error, leader = (_NO_ERROR, _NODE) if self._leads else (_LEADER_NOT_AVAILABLE, -1)
        partition = struct.pack(">hiiiiii", error, 0, leader, 1, _NODE, 1, _NODE)
        topic = struct.pack(">ih", 1, _NO_ERROR) + _text(self._topic) + struct.pack(">?i", False, 1) + partition
        return brokers + struct.pack(">i", leader) + topic


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        broker = cast("LeavingBroker", self.server)
        with suppress(ConnectionError):  # the client may leave at any moment
            while len(length := self.rfile.read(4)) == 4:
                answer = broker.answer(self.rfile.read(*struct.unpack(">i", length)))
                self.wfile.write(struct.pack(">i", len(answer)) + answer)


def _text(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


@contextmanager
def leaving_broker(topic: str) -> Iterator[LeavingBroker]:
    """One that runs."""
    with LeavingBroker(topic) as broker:
        thread = threading.Thread(target=broker.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield broker
        finally:
            broker.shutdown()
            thread.join()
