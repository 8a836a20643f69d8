"""An inbox's user, topics and rights on a broker that asks for both: said first, then made by Kafka's admin API."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import Inbox, TopicError
from dompet.streams.kafka.topics import ensure_topics

_LIMIT_S: Final = 30.0
_ITERATIONS: Final = 4_096
_PASSWORD_BYTES: Final = 32
_ANY_HOST: Final = "*"
_RESERVED: Final = frozenset({"dompet", "dompet-broker", "ANONYMOUS"})
"""Users of the broker's own, or of dompet's."""
_OPEN: Final = frozenset({KafkaError.SECURITY_DISABLED, KafkaError.UNSUPPORTED_VERSION})


class RightsRefused(DompetError):
    """The broker does not make a user or its rights."""


@dataclass(frozen=True)
class Right:
    """What a user may do."""

    operation: AclOperation
    kind: ResourceType
    name: str
    pattern: ResourcePatternType = ResourcePatternType.LITERAL

    def binding(self, user: str) -> AclBinding:
        """The same as Kafka has it."""
        allowed = self.operation, AclPermissionType.ALLOW
        return AclBinding(self.kind, self.name, self.pattern, f"User:{user}", _ANY_HOST, *allowed)

    def command(self, user: str) -> str:
        """The same for Kafka's own tool."""
        kind = {ResourceType.TOPIC: "topic", ResourceType.GROUP: "group"}.get(self.kind, "transactional-id")
        pattern = " --resource-pattern-type prefixed" if self.pattern is ResourcePatternType.PREFIXED else ""
        what = f"--operation {self.operation.name.title()} --{kind} '{self.name}'{pattern}"
        return f"kafka-acls.sh --add --allow-principal 'User:{user}' {what}"


def rights_of(inbox: Inbox) -> list[Right]:
    """Those of an inbox's owner: to write it, in transactions too if it likes, and to read what of it was refused.

    Its transactions and consumer groups have names that begin with the inbox's and a slash: no other inbox's name does.
    """
    topic, dead, own = inbox.topic.name, inbox.dead_letters.name, f"{inbox.topic.name}/"
    return [
        Right(AclOperation.WRITE, ResourceType.TOPIC, topic),
        Right(AclOperation.DESCRIBE, ResourceType.TOPIC, topic),
        Right(AclOperation.READ, ResourceType.TOPIC, dead),
        Right(AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, own, ResourcePatternType.PREFIXED),
        Right(AclOperation.READ, ResourceType.GROUP, own, ResourcePatternType.PREFIXED),
    ]


def commands_for(inbox: Inbox, servers: str) -> Iterator[str]:
    """What an administrator would do with Kafka's own tools: a line each."""
    at = f"--bootstrap-server {servers} --command-config admin.properties"
    for topic in (inbox.topic, inbox.dead_letters):
        config = " ".join(f"--config {name}={value}" for name, value in topic.config.items())
        yield f"kafka-topics.sh {at} --create --topic '{topic.name}' --partitions {topic.partitions} {config}"
    scram = f"SCRAM-SHA-512=[iterations={_ITERATIONS},password=PASSWORD]"
    yield f"kafka-configs.sh {at} --alter --entity-type users --entity-name '{inbox.publisher}' --add-config '{scram}'"
    for right in rights_of(inbox):
        tool, _, rest = right.command(inbox.publisher).partition(" ")
        yield f"{tool} {at} {rest}"


def check_user(name: str) -> None:
    """TopicError where a publisher's id cannot be a user of the broker's."""
    if name in _RESERVED:
        raise TopicError(f"publisher {name!r}: the broker has a user of this name")


def make_inbox(admin: AdminClient, inbox: Inbox) -> bool:
    """Make what is missing of its topics and rights; False where the broker is open to all, and has no rights. Raises
    RightsRefused, TopicError.
    """
    check_user(inbox.publisher)
    ensure_topics(admin, [inbox.topic, inbox.dead_letters])
    return _done(
        admin.create_acls([one.binding(inbox.publisher) for one in rights_of(inbox)], request_timeout=_LIMIT_S)
    )


def new_password(admin: AdminClient, publisher: str) -> str:
    """Give the broker's user a new password, which is returned; the user is made where it is missing. Raises
    RightsRefused.
    """
    check_user(publisher)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    change = UserScramCredentialUpsertion(publisher, info, password.encode())
    _done(admin.alter_user_scram_credentials([change], request_timeout=_LIMIT_S))
    return password


def take_rights(admin: AdminClient, publisher: str) -> bool:
    """Take all rights of a user, and the user itself; its inbox stays with what it holds. False where the broker is
    open to all. Raises RightsRefused.
    """
    check_user(publisher)
    made: Any = AclBindingFilter  # its stubs know no None, which stands for any name and any host
    what = ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{publisher}", None
    anything = made(*what, AclOperation.ANY, AclPermissionType.ANY)
    closed = _done(admin.delete_acls([anything], request_timeout=_LIMIT_S))
    if closed:
        gone = UserScramCredentialDeletion(publisher, ScramMechanism.SCRAM_SHA_512)
        _done(admin.alter_user_scram_credentials([gone], request_timeout=_LIMIT_S), missing=True)
    return closed


def _done(answers: Mapping[Any, Any], *, missing: bool = False) -> bool:
    """Wait for all; False where the broker is open to all. `missing`: what is to go may be gone already."""
    for answer in answers.values():
        try:
            answer.result()
        except KafkaException as error:
            code = error.args[0].code()
            if code in _OPEN:
                return False
            if not (missing and code == KafkaError.RESOURCE_NOT_FOUND):
                raise RightsRefused(f"the broker does not change users or rights: {error.args[0].str()}") from None
    return True
