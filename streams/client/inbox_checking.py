"""A publisher's check of its inbox: the broker, the sign-in, the topic, and what may be written; no record is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Final

from dompet.schemas.topics import inbox_of
from dompet.streams.client.broker_connection import BrokerConnection, TopicSeen
from dompet.streams.client.finding import Finding
from dompet.streams.client.inbox import client_of, reason_of

_WRITE: Final = 4
_NOT_SHOWN: Final = 29
_NOT_THERE: Final = 3
"""Kafka's codes for an operation and for what is wrong with a topic."""
_USER: Final = "sasl.username, sasl.password and sasl.mechanism (DOMPET_KAFKA__SASL_USERNAME, …)"
_NOBODY: Final = "a client without a user"


class InboxCheck:
    """The check of a publisher's inbox on a broker. `config`: as an Inbox takes it. SettingUnknown, TopicError."""

    def __init__(self, servers: str, publisher_id: str, config: Mapping[str, str], log_topic: str) -> None:
        self._servers = servers
        self._topic = inbox_of(publisher_id).topic.name
        self._maker = f"`dompet publishers inbox {publisher_id}`"
        self._log_topic = log_topic
        self._client = client_of(config)
        self._who = _who(config)
        self._names_a_user = self._who != _NOBODY
        self._broker = BrokerConnection(servers, self._client)
        self._seen: Mapping[str, TopicSeen] = {}

    def findings(self) -> Iterator[Finding]:
        """Each step as it is done; the last one is the first that has a problem."""
        with closing(self._broker):
            for step in (self._reached, self._signed_in, self._there, self._leaders, self._writable, self._log_closed):
                for finding in step():
                    yield finding
                    if finding.problem:
                        return

    def _reached(self) -> Iterator[Finding]:
        """The connection, and the sign-in where the broker refuses it: it closes the connection without a reason."""
        fault = _fault(self._broker.connect)
        if fault and not self._broker.spoke:
            protocol = self._client.get("security_protocol", "PLAINTEXT")
            why = f"no Kafka broker that speaks {protocol} answers at {self._servers}: {fault}"
            yield Finding("connection", "", f"{why}; check --kafka and security.protocol")
        yield Finding("connection", f"a Kafka broker answers at {self._servers}", "")
        if fault:
            what = f"the broker refuses {self._who} with this password or mechanism ({fault})"
            yield Finding("sign-in", "", f"{what}; set {_USER} to what {self._maker} prints")

    def _signed_in(self) -> Iterator[Finding]:
        def describe() -> None:
            self._seen = self._broker.describe(self._topic, self._log_topic)

        fault = _fault(describe)
        if fault:
            cure = "try again" if self._names_a_user else f"set security.protocol, {_USER}"
            yield Finding("sign-in", "", f"the broker does not answer {self._who} ({fault}); {cure}")
        yield Finding("sign-in", f"the broker takes {self._who}", "")

    def _there(self) -> Iterator[Finding]:
        error, count = self._seen[self._topic].error, len(self._seen[self._topic].leaders)
        if error == _NOT_SHOWN:
            why = f"the broker shows {self._who} no {self._topic}: it is another's, or there is none"
            yield Finding("inbox", "", f"{why}; check --inbox and the user, or have {self._maker} make it")
        elif error == _NOT_THERE:
            yield Finding("inbox", "", f"there is no {self._topic}: have {self._maker} make it")
        elif error:
            yield Finding("inbox", "", f"the broker does not describe {self._topic}: {_named(error)}; try again")
        else:
            yield Finding("inbox", f"{self._topic} is there, partitions: {count}", "")

    def _leaders(self) -> Iterator[Finding]:
        """The brokers that hold it, by the addresses that they give themselves: those are where records go."""
        leaders = sorted(set(self._seen[self._topic].leaders))
        if leaders[:1] == [-1]:
            yield Finding("leader", "", f"a partition of {self._topic} has no leader now: try again")
        for leader in leaders:
            if fault := _fault(partial(self._broker.reach, leader)):
                address = self._broker.address(leader)
                why = f"the inbox is on the broker that calls itself {address}, and nothing lets in there: {fault}"
                yield Finding("leader", "", f"{why}; its advertised.listeners must be reached from here")
        yield Finding("leader", f"the inbox is on {', '.join(map(self._broker.address, leaders))}, which answers", "")

    def _writable(self) -> Iterator[Finding]:
        operations = self._seen[self._topic].operations
        if operations is None:
            yield Finding("right", "", "not checked: the broker does not say what may be done (Kafka before 2.3)")
        elif _WRITE not in operations:
            yield Finding("right", "", f"{self._who} may not write {self._topic}: have {self._maker} give it the right")
        else:
            yield Finding("right", f"{self._who} may write it (nothing was written)", "")

    def _log_closed(self) -> Iterator[Finding]:
        """A broker that asks nobody who it is lets everybody write the log, as `dompet up` does on one computer."""
        if _WRITE not in (self._seen[self._log_topic].operations or ()):
            yield Finding("log", f"{self._who} may not write {self._log_topic} itself", "")
        elif self._names_a_user:
            why = f"{self._who} may also write {self._log_topic}, past what `dompet router` checks"
            yield Finding("log", "", f"{why}; have that right taken away, or sign in as the inbox's own user")
        else:
            yield Finding("log", f"who reaches this broker may write every inbox, and {self._log_topic} itself", "")


def _who(config: Mapping[str, str]) -> str:
    """Whom the broker takes this client for."""
    if config.get("security.protocol", "").upper().startswith("SASL_"):
        return f"user {config.get('sasl.username')}"
    return "the certificate's owner" if "ssl.certificate.location" in config else _NOBODY


def _fault(step: Callable[[], None]) -> str:
    """What a step failed for; empty where it did not."""
    from kafka import errors

    try:
        step()
    except (errors.KafkaError, OSError) as fault:
        return reason_of(fault)
    return ""


def _named(code: int) -> str:
    """Kafka's name of an error."""
    from kafka import errors

    return str(errors.for_code(code).__name__)
