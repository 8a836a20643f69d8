"""An inbox's user, topics and rights on a broker that asks for both: said first, then made by Kafka's admin API."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
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
from dompet.schemas.topics import Inbox, TopicError, inbox_of
from dompet.streams.kafka.topics import ensure_topics

_LIMIT_S: Final = 30.0
_ITERATIONS: Final = 4_096
_PASSWORD_BYTES: Final = 32
_ANY_HOST: Final = "*"
_RESERVED: Final = frozenset({"dompet", "dompet-broker", "ANONYMOUS", "*"})
"""Users of the broker's own, or of dompet's, and the name that means all of them."""
_OPEN: Final = frozenset({KafkaError.SECURITY_DISABLED, KafkaError.UNSUPPORTED_VERSION})


_FILTER: Final[Any] = AclBindingFilter
"""Its stubs know no None, which means any name, any user and any host."""


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
        return f"kafka-acls.sh --add --allow-principal {quote(f'User:{user}')} {what}"


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


def commands_for(inbox: Inbox, servers: str, certificate: str | None = None) -> Iterator[str]:
    """What an administrator would do with Kafka's own tools: a line each. `certificate`: see `make_inbox`."""
    at = f"--bootstrap-server {servers} --command-config admin.properties"
    for topic in (inbox.topic, inbox.dead_letters):
        config = " ".join(f"--config {name}={value}" for name, value in topic.config.items())
        yield f"kafka-topics.sh {at} --create --topic '{topic.name}' --partitions {topic.partitions} {config}"
    if certificate is None:
        user, scram = inbox.publisher, f"SCRAM-SHA-512=[iterations={_ITERATIONS},password=PASSWORD]"
        yield f"kafka-configs.sh {at} --alter --entity-type users --entity-name '{user}' --add-config '{scram}'"
    for right in rights_of(inbox):
        tool, _, rest = right.command(certificate or inbox.publisher).partition(" ")
        yield f"{tool} {at} {rest}"


def check_user(name: str, certificate: str | None = None) -> None:
    """TopicError where a publisher's id cannot be a user of the broker's, or that is no certificate's name."""
    for user in (name, certificate):
        if user in _RESERVED:
            raise TopicError(f"publisher {user!r}: the broker has a user of this name")
    if certificate is not None and (not certificate.strip() or not certificate.isprintable()):
        raise TopicError(f"{certificate!r} is no certificate's name, such as CN=tokopedia,O=Tokopedia")


def make_inbox(admin: AdminClient, inbox: Inbox, certificate: str | None = None) -> bool:
    """Make what is missing of its topics and rights; False where the broker is open to all, and has no rights. Raises
    RightsRefused, TopicError.

    The rights are those of the user whose name is the publisher's; with a `certificate`, of its owner: the
    distinguished name as the broker writes it (RFC 2253), or what ssl.principal.mapping.rules make of it.
    """
    check_user(inbox.publisher, certificate)
    ensure_topics(admin, [inbox.topic, inbox.dead_letters])
    user = certificate or inbox.publisher
    return _done(admin.create_acls([one.binding(user) for one in rights_of(inbox)], request_timeout=_LIMIT_S))


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
    what = ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{publisher}", None
    anything = _FILTER(*what, AclOperation.ANY, AclPermissionType.ANY)
    closed = _done(admin.delete_acls([anything, *_of_certificates(admin, publisher)], request_timeout=_LIMIT_S))
    if closed:
        gone = UserScramCredentialDeletion(publisher, ScramMechanism.SCRAM_SHA_512)
        _done(admin.alter_user_scram_credentials([gone], request_timeout=_LIMIT_S), missing=True)
    return closed


def _of_certificates(admin: AdminClient, publisher: str) -> list[AclBindingFilter]:
    """The rights of whom else an inbox was made for: a certificate's owner may write it, and nobody else may."""
    try:
        inbox = inbox_of(publisher)
    except TopicError:
        return []
    what = ResourceType.TOPIC, inbox.topic.name, ResourcePatternType.LITERAL, None, None
    asked = admin.describe_acls(_FILTER(*what, AclOperation.WRITE, AclPermissionType.ALLOW), request_timeout=_LIMIT_S)
    writers = {one.principal for one in asked.result()} if _done({publisher: asked}) else set()
    return [
        _FILTER(one.kind, one.name, one.pattern, writer, None, one.operation, AclPermissionType.ALLOW)
        for writer in sorted(writers)
        for one in rights_of(inbox)
    ]


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
