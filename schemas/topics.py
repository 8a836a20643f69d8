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
    content = tomllib.loads((files("dompet.schemas") / "topics.toml").read_text("utf-8"))
    topics = Topics(**{role: _topic(declared) for role, declared in content.items()})
    if log is None:
        return topics
    dead_letters = log + _DEAD_LETTERS_SUFFIX
    if not re.fullmatch(r"[A-Za-z0-9._-]+", log) or len(dead_letters) > _NAME_BYTES_MAX:
        longest = _NAME_BYTES_MAX - len(_DEAD_LETTERS_SUFFIX)
        raise TopicError(f"topic name {log!r}: 1 to {longest} letters, digits, '.', '_' and '-' are allowed")
    if taken := {topics.catalogue.name, topics.access.name, topics.publishers.name} & {log, dead_letters}:
        raise TopicError(f"topic name {log!r}: it or its dead letters would be {sorted(taken)[0]}")
    return replace(
        topics,
        log=replace(topics.log, name=log),
        dead_letters=replace(topics.dead_letters, name=dead_letters),
    )


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
