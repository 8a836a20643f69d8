"""Events into a publisher's inbox, by a Kafka client in Python alone; `dompet router` puts them on the log."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import inbox_of
from dompet.streams.client.way import NotDelivered, NotLetIn, Outgoing
from dompet.streams.process.patience import Unavailable
from dompet.streams.process.secrets import remember_secrets

REACH_S: Final = 10.0
_TOPIC_S: Final = 5.0
"""So long a broker that answers is asked for a topic, which it may have just made."""
DELIVERY_S: Final = 120.0
_SAME: Final = {
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
    "client.id": "client_id",
}
"""Settings of librdkafka, as dompet's own are named, by the names that kafka-python has for them."""
_PROTOCOL: Final = "security_protocol"
_PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_HOST_CHECK: Final = "ssl.endpoint.identification.algorithm"


class SettingUnknown(DompetError):
    """A setting of librdkafka that the light client cannot keep to, or needs and does not have."""


class Inbox:
    """The inbox of a publisher on a broker. `config` takes librdkafka's names for how to reach it and who asks.

    What the broker does not acknowledge within `delivery_s` seconds is not delivered. SettingUnknown, TopicError.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        publisher_id: str,
        config: Mapping[str, str] | None = None,
        delivery_s: float = DELIVERY_S,
    ) -> None:
        self._servers = bootstrap_servers
        self._publisher_id = publisher_id
        self._topic = inbox_of(publisher_id).topic.name
        self._config = client_of(config or {})
        self._delivery_s = delivery_s
        self._producer: Any = None

    def open(self) -> str:
        """The publisher_id. Unavailable where no broker answers within 10 s; NotLetIn where there is no such inbox, or
        the broker does not let this publisher in.
        """
        from kafka import errors

        try:
            self._producer = _producer(self._servers, self._config, self._delivery_s)
            self._producer.partitions_for(self._topic)
        except errors.TopicAuthorizationFailedError:
            more = f"`dompet publishers check --inbox {self._publisher_id}` says more"
            why = f"the broker at {self._servers} shows this user no {self._topic}: it is another's, or there is none"
            raise NotLetIn(f"{why}; {more}") from None
        except (errors.SaslAuthenticationFailedError, errors.AuthorizationError) as refusal:
            raise NotLetIn(f"the broker at {self._servers} does not let {self._publisher_id} in: {refusal}") from None
        except (errors.KafkaError, OSError) as fault:
            if self._producer is not None and isinstance(fault, errors.KafkaTimeoutError):
                raise NotLetIn(f"there is no {self._topic}: `dompet publishers inbox` makes one") from None
            refused = ", or it refuses sasl.username with this password" if "sasl_mechanism" in self._config else ""
            raise Unavailable(f"no Kafka broker answers at {self._servers}{refused}: {reason_of(fault)}") from None
        return self._publisher_id

    def deliver(self, events: Sequence[Outgoing]) -> Mapping[int, str]:
        """Send a batch, and wait for all of it. See Way: a broker refuses no single event."""
        from kafka import errors

        sent, failed, why = [], list[int](), ""
        for place, event in enumerate(events):
            try:
                sent.append(self._producer.send(self._topic, event.value, event.key))
            except errors.KafkaError as fault:
                failed, why = list(range(place, len(events))), reason_of(fault)
                break
        for place, one in reversed(list(enumerate(sent))):
            if not_sent := _fault(one, self._delivery_s, errors.KafkaError):
                failed, why = [place, *failed], not_sent
        if failed:
            raise NotDelivered(failed, f"{self._topic}: {why}")
        return {}

    def close(self) -> None:
        """Close the connections."""
        if self._producer is not None:
            self._producer.close(timeout=0)


def client_of(config: Mapping[str, str]) -> dict[str, Any]:
    """kafka-python's settings for librdkafka's. SettingUnknown for one that has no counterpart there, or is missing."""
    found: dict[str, Any] = {}
    for name, value in config.items():
        if name == _HOST_CHECK:
            found["ssl_check_hostname"] = value != "none"
        elif name in _SAME:
            found[_SAME[name]] = value
        else:
            known = ", ".join([*_SAME, _HOST_CHECK])
            raise SettingUnknown(f"{name} is no setting that publishing into an inbox keeps to; those are {known}")
    _check_protocol(found)
    remember_secrets([str(config.get("sasl.password", "")), str(config.get("ssl.key.password", ""))])
    return found


def _check_protocol(found: dict[str, Any]) -> None:
    """SettingUnknown where kafka-python would speak in the clear, or fail, in place of what is asked for."""
    if (protocol := str(found.get(_PROTOCOL, "plaintext")).upper()) not in _PROTOCOLS:
        raise SettingUnknown(f"security.protocol={protocol} is none: it is one of {', '.join(_PROTOCOLS)}")
    found[_PROTOCOL] = protocol
    for name, same in _SAME.items():
        if name.startswith("sasl.") and protocol.startswith("SASL_") and not found.get(same):
            raise SettingUnknown(f"security.protocol={protocol} needs {name}, which is not set")


def _producer(servers: str, config: Mapping[str, Any], delivery_s: float) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from kafka import KafkaProducer

    return KafkaProducer(
        bootstrap_servers=servers.split(","),
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=int(1000 * REACH_S),
        max_block_ms=int(1000 * _TOPIC_S),
        delivery_timeout_ms=int(1000 * delivery_s),
        request_timeout_ms=int(1000 * min(30.0, delivery_s)),
        **config,
    )


def _fault(sent: Any, limit_s: float, kind: Any) -> str:
    """Why a record was not acknowledged; empty where it was."""
    try:
        sent.get(timeout=limit_s)
    except kind as fault:
        return reason_of(fault)
    return ""


def reason_of(fault: BaseException) -> str:
    """An error of kafka-python's as a part of a sentence."""
    return " ".join(str(fault).split()) or type(fault).__name__
