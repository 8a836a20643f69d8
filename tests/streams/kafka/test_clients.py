"""Kafka's clients are made in one place, and librdkafka's handle is read from them only where it surely is one."""

import ast
from functools import cache
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from dompet.streams.kafka import librdkafka
from dompet.streams.kafka.librdkafka import LibraryUnknown, handle

ROOT = Path(__file__).parents[3]


@cache
def calls(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return frozenset(node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))


@pytest.mark.parametrize(("kind", "home"), [("Consumer", "consumer.py"), ("Producer", "producer.py")])
def test_a_client_is_made_in_one_module(kind: str, home: str) -> None:
    makers = {path.relative_to(ROOT).as_posix() for path in (ROOT / "streams").rglob("*.py") if kind in calls(path)}
    assert makers - {"streams/kafka/librdkafka.py"} == {f"streams/kafka/{home}"}  # a probe reads that module's own


def test_a_client_s_handle_answers_by_the_client_s_name() -> None:
    name = librdkafka.library().rd_kafka_name
    for client in (Producer({"client.id": "mine", "log_level": 0}), Consumer({"client.id": "mine", "group.id": "g"})):
        assert librdkafka._content(name(handle(client)), 5) == b"mine#"


@pytest.mark.parametrize("shift", [-8, 8, 16, 32])
@pytest.mark.parametrize("kind", [Producer, Consumer])
def test_a_client_laid_out_otherwise_is_refused_by_a_sentence_and_not_by_a_crash(
    kind: type[Producer | Consumer], shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = kind({"group.id": "handle", "log_level": 0} if kind is Consumer else {"log_level": 0})
    monkeypatch.setattr(librdkafka, "_HANDLE_AT", librdkafka._HANDLE_AT + shift)
    librdkafka._check_layout.cache_clear()
    try:
        with pytest.raises(LibraryUnknown, match=rf"handle where it is read \({kind.__name__}\): install confluent"):
            handle(client)
    finally:
        librdkafka._check_layout.cache_clear()
