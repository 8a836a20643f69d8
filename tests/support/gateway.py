"""A gateway as a process of its own, before a real broker, and publishers that may use it."""

import base64
import hashlib
import http.client
import json
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, TopicPartition
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dompet.infra.ports import HOST, free_port
from dompet.streams.publishers.entries import PublisherEntry, new_publisher
from dompet.streams.publishers.topic import write_publisher
from dompet.streams.settings import Settings, read_settings
from tests.support.command import DOMPET, environment
from tests.support.web import Answer

_LIMIT_S: Final = 120
LINES: Final = "application/x-ndjson"


def review(publisher_id: str, event_id: str = "", **more: Any) -> dict[str, Any]:
    """An event that a platform may say."""
    return {
        "type": "CourseReviewed", "event_id": event_id or f"e-{uuid.uuid4()}", "beneficiary_id": "b-7f3a90c2",
        "publisher_id": publisher_id, "occurred_at": "2020-04-11T08:00:00Z", "platform_id": publisher_id,
        "order_id": "INV/1", "rating": 5, **more,
    }  # fmt: skip


def signature(
    private: Any, body: bytes, publisher_id: str, path: str = "/v1/events", token: str = "", moved_s: float = 0
) -> dict[str, str]:
    """The headers of a signed request, `moved_s` seconds from now."""
    timestamp = (datetime.now(UTC) + timedelta(seconds=moved_s)).isoformat()
    text = f"POST:{path}:{token}:{hashlib.sha256(body).hexdigest()}:{timestamp}".encode()
    is_rsa = isinstance(private, RSAPrivateKey)
    raw = private.sign(text, PKCS1v15(), SHA256()) if is_rsa else private.sign(text)
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    made = {"X-PARTNER-ID": publisher_id, "X-TIMESTAMP": timestamp, "X-SIGNATURE": base64.b64encode(raw).decode()}
    return {**made, **bearer}


def pem_of(private: Any) -> bytes:
    """The public half of a key."""
    return bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


@dataclass(frozen=True)
class Gateway:
    """A gateway that runs."""

    port: int
    metrics_port: int
    settings: Settings
    process: subprocess.Popen[str]
    said: Path

    def signed(self, private: Any, body: bytes, publisher_id: str, **more: Any) -> Answer:
        """Lines posted with a signature over them."""
        path = more.pop("path", "/v1/events")
        return self.ask("POST", path, body, {"Content-Type": LINES, **signature(private, body, publisher_id, **more)})

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=_LIMIT_S)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def post(
        self, body: bytes, token: str, form: str = "application/json", path: str = "/v1/events", **headers: str
    ) -> Answer:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return self.ask("POST", path, body, {"Content-Type": form, **bearer, **more})

    def send(self, *events: Mapping[str, Any], token: str) -> Answer:
        return self.post(b"\n".join(json.dumps(one).encode() for one in events), token, LINES)

    def records(self) -> list[tuple[bytes, bytes, dict[str, bytes], int, int]]:
        """All that is on its log: key, value, headers, partition and offset."""
        return records_of(self.settings)


def records_of(settings: Settings) -> list[tuple[bytes, bytes, dict[str, bytes], int, int]]:
    topic, found = settings.topics.log.name, []
    consumer = Consumer({"bootstrap.servers": str(settings.kafka), "group.id": f"t-{uuid.uuid4()}"})
    with closing(consumer):
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
            consumer.assign([TopicPartition(topic, partition, low)])
            at = low
            while at < high and (message := consumer.poll(30)):
                assert message.error() is None, message.error()
                at = int(message.offset() or 0) + 1
                headers: Any = dict(message.headers() or [])
                found.append((message.key() or b"", message.value() or b"", headers, partition, at - 1))
    return found


def publisher(settings: Settings, kind: str = "platform", quota: int = 1_000_000) -> tuple[PublisherEntry, str]:
    """A publisher with a name that no other test uses, and its token."""
    entry, token = new_publisher(f"toko-{uuid.uuid4().hex[:12]}", kind, quota).with_token("tester")
    write_publisher(settings, entry)
    return entry, token


@contextmanager
def running_gateway(kafka: str, log: str, home: Path, **variables: str) -> Iterator[Gateway]:
    """A gateway that is ready, while the block runs."""
    port, metrics_port, said = free_port(), free_port(), home / f"gateway-{uuid.uuid4().hex[:6]}.log"
    settings = read_settings(kafka=kafka, log_topic=log, home=home)
    given = {
        "DOMPET_HOME": str(home), "DOMPET_KAFKA": kafka, "DOMPET_LOG_TOPIC": log, "DOMPET_GATEWAY_PORT": str(port),
        "DOMPET_GATEWAY_METRICS_PORT": str(metrics_port), **variables,
    }  # fmt: skip
    with (
        said.open("w") as err,
        subprocess.Popen([*DOMPET, "gateway"], stderr=err, env=environment(given), cwd=home, text=True) as process,
    ):
        gateway = Gateway(port, metrics_port, settings, process, said)
        try:
            _until_ready(gateway)
            yield gateway
        finally:
            process.terminate()
            try:
                process.wait(30)
            finally:
                process.kill()


def _until_ready(gateway: Gateway) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline and gateway.process.poll() is None:
        try:
            if gateway.ask("GET", "/ready").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"the gateway is not ready: {gateway.said.read_text()}")


def until_taken(gateway: Gateway, token: str) -> None:
    """Wait until the gateway knows a token: it follows the topic."""
    deadline = time.monotonic() + _LIMIT_S
    while gateway.ask("GET", "/v1/publisher", headers={"Authorization": f"Bearer {token}"}).status == 401:
        assert time.monotonic() < deadline, "the gateway does not know the token"
        time.sleep(0.05)
