"""The topics as `topics.toml` declares them, and their names where a setting changes them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from types import MappingProxyType

from dompet.schemas.errors import DompetError

_NAME_BYTES_MAX = 249


_DEAD_LETTERS_SUFFIX = "-dlq"
_OF_A_PUBLISHER = ("inbox", "inbox_dead_letters")
INBOX_PREFIX = "dompet.inbox."
INBOX_DEAD_SUFFIX = ".dead"


class TopicError(DompetError):
    """A topic's name is not one, or the broker cannot describe or create a topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A declared topic. `config` holds the broker's topic settings under Kafka's own names.

    `needed`: those of them, and `partitions`, without which what is made of the topic would be wrong, each with the
    reason.
    """

    name: str
    purpose: str
    partitions: int
    config: Mapping[str, str]
    needed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The topics of one publisher: what it puts in, and what of that was refused."""

    publisher: str
    topic: Topic
    dead_letters: Topic


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of a pipeline."""

    log: Topic
    catalogue: Topic
    access: Topic
    publishers: Topic
    dead_letters: Topic

    def __iter__(self) -> Iterator[Topic]:
        return iter((self.log, self.catalogue, self.access, self.publishers, self.dead_letters))


def declared_topics(log: str | None = None) -> Topics:
    """The topics of `schemas/topics.toml`; `log` renames the log and so its dead letters (`<log>-dlq`).

    Raises TopicError if the name is not one that Kafka takes.
    """
    topics = Topics(**{role: _topic(one) for role, one in _content().items() if role not in _OF_A_PUBLISHER})
    if log is None:
        return topics
    dead_letters = log + _DEAD_LETTERS_SUFFIX
    if not re.fullmatch(r"[A-Za-z0-9._-]+", log) or len(dead_letters) > _NAME_BYTES_MAX:
        longest = _NAME_BYTES_MAX - len(_DEAD_LETTERS_SUFFIX)
        raise TopicError(f"topic name {log!r}: 1 to {longest} letters, digits, '.', '_' and '-' are allowed")
    if taken := {topics.catalogue.name, topics.access.name, topics.publishers.name} & {log, dead_letters}:
        raise TopicError(f"topic name {log!r}: it or its dead letters would be {sorted(taken)[0]}")
    if log.startswith(INBOX_PREFIX):
        raise TopicError(f"topic name {log!r}: {INBOX_PREFIX}… are publishers' inboxes")
    return replace(
        topics,
        log=replace(topics.log, name=log),
        dead_letters=replace(topics.dead_letters, name=dead_letters),
    )


def inbox_of(publisher: str) -> Inbox:
    """The topics of a publisher's own. Raises TopicError where a topic cannot have the publisher's id in its name."""
    longest = _NAME_BYTES_MAX - len(INBOX_PREFIX) - len(INBOX_DEAD_SUFFIX)
    if not re.fullmatch(r"[A-Za-z0-9._-]+", publisher) or len(publisher) > longest:
        raise TopicError(f"publisher {publisher!r}: an inbox is for an id of letters, digits, '.', '_' and '-'")
    if publisher.endswith(INBOX_DEAD_SUFFIX):
        raise TopicError(f"publisher {publisher!r}: its inbox would be the dead letters of another")
    content = _content()
    inbox, dead_letters = (_topic(content[role]) for role in _OF_A_PUBLISHER)
    return Inbox(publisher, *(replace(one, name=one.name.format(publisher=publisher)) for one in (inbox, dead_letters)))


def publisher_of(topic: str) -> str | None:
    """The publisher whose inbox a topic of this name is; None where it is no inbox."""
    publisher = topic.removeprefix(INBOX_PREFIX)
    is_inbox = topic.startswith(INBOX_PREFIX) and publisher and not publisher.endswith(INBOX_DEAD_SUFFIX)
    return publisher if is_inbox else None


def _content() -> dict[str, dict[str, object]]:
    return tomllib.loads((files("dompet.schemas") / "topics.toml").read_text("utf-8"))


def _topic(declared: dict[str, object]) -> Topic:
    match {"needed": {}, **declared}:
        case {
            "name": str(name),
            "purpose": str(purpose),
            "partitions": int(partitions),
            "config": dict(config),
            "needed": dict(needed),
        } if needed.keys() <= config.keys() | {"partitions"}:
            return Topic(name, purpose, partitions, MappingProxyType(config), MappingProxyType(needed))
    raise TopicError(
        f"topics.toml: {declared.get('name')} lacks a name, a purpose, partitions or a config, or needs what it does "
        "not declare"
    )
