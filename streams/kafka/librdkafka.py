"""What confluent-kafka does not offer of the librdkafka that it carries."""

import ctypes
import os
from contextlib import closing
from functools import cache
from importlib.metadata import requires
from typing import Any, Final

from confluent_kafka import Consumer, Producer, cimpl, libversion, version

from dompet.schemas.errors import DompetError

_HANDLE_AT: Final = object.__basicsize__
"""A client's own memory begins with librdkafka's handle, behind what every object has."""
_PROBE: Final = "dompet-probe"
_NAME_BYTES: Final = len(f"{_PROBE}#")
_POINTER, _TEXT, _NUMBER, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
_FUNCTIONS: Final[tuple[tuple[str, Any, list[Any]], ...]] = (
    ("rd_kafka_conf_new", _POINTER, []),
    ("rd_kafka_conf_set", _NUMBER, [_POINTER, _TEXT, _TEXT, _TEXT, _SIZE]),
    ("rd_kafka_conf_set_events", None, [_POINTER, _NUMBER]),
    ("rd_kafka_conf_destroy", None, [_POINTER]),
    ("rd_kafka_new", _POINTER, [_NUMBER, _POINTER, _TEXT, _SIZE]),
    ("rd_kafka_destroy", None, [_POINTER]),
    ("rd_kafka_set_log_queue", _NUMBER, [_POINTER, _POINTER]),
    ("rd_kafka_err2str", _TEXT, [_NUMBER]),
    ("rd_kafka_last_error", _NUMBER, []),
    ("rd_kafka_produce", _NUMBER, [_POINTER, ctypes.c_int32, _NUMBER, _TEXT, _SIZE, _TEXT, _SIZE, _POINTER]),
    ("rd_kafka_produce_batch", _NUMBER, [_POINTER, ctypes.c_int32, _NUMBER, _POINTER, _NUMBER]),
    ("rd_kafka_flush", _NUMBER, [_POINTER, _NUMBER]),
    ("rd_kafka_outq_len", _NUMBER, [_POINTER]),
    ("rd_kafka_queue_get_main", _POINTER, [_POINTER]),
    ("rd_kafka_queue_io_event_enable", None, [_POINTER, _NUMBER, _TEXT, _SIZE]),
    ("rd_kafka_queue_poll", _POINTER, [_POINTER, _NUMBER]),
    ("rd_kafka_event_type", _NUMBER, [_POINTER]),
    ("rd_kafka_event_message_count", _SIZE, [_POINTER]),
    ("rd_kafka_event_message_array", _SIZE, [_POINTER, _POINTER, _SIZE]),
    ("rd_kafka_event_error", _NUMBER, [_POINTER]),
    ("rd_kafka_event_error_string", _TEXT, [_POINTER]),
    ("rd_kafka_event_log", _NUMBER, [_POINTER, _POINTER, _POINTER, _POINTER]),
    ("rd_kafka_event_destroy", None, [_POINTER]),
    ("rd_kafka_queue_new", _POINTER, [_POINTER]),
    ("rd_kafka_queue_get_partition", _POINTER, [_POINTER, _TEXT, ctypes.c_int32]),
    ("rd_kafka_queue_forward", None, [_POINTER, _POINTER]),
    ("rd_kafka_queue_destroy", None, [_POINTER]),
    ("rd_kafka_consume_batch_queue", ctypes.c_ssize_t, [_POINTER, _NUMBER, _POINTER, _SIZE]),
    ("rd_kafka_message_errstr", _TEXT, [_POINTER]),
    ("rd_kafka_message_headers", _NUMBER, [_POINTER, _POINTER]),
    ("rd_kafka_header_get_last", _NUMBER, [_POINTER, _TEXT, _POINTER, _POINTER]),
    ("rd_kafka_produceva", _POINTER, [_POINTER, _POINTER, _SIZE]),
    ("rd_kafka_error_code", _NUMBER, [_POINTER]),
    ("rd_kafka_error_destroy", None, [_POINTER]),
    ("rd_kafka_conf_set_socket_cb", None, [_POINTER, _POINTER]),
    ("rd_kafka_brokers_add", _NUMBER, [_POINTER, _TEXT]),
    ("rd_kafka_topic_new", _POINTER, [_POINTER, _TEXT, _POINTER]),
    ("rd_kafka_topic_destroy", None, [_POINTER]),
    ("rd_kafka_metadata", _NUMBER, [_POINTER, _NUMBER, _POINTER, _POINTER, _NUMBER]),
    ("rd_kafka_metadata_destroy", None, [_POINTER]),
    ("rd_kafka_name", _POINTER, [_POINTER]),
)
"""The functions that are called: name, type of the result, types of the arguments."""


class LibraryUnknown(DompetError):
    """The installed confluent-kafka is laid out otherwise than the releases that dompet was tested with."""


@cache
def library() -> Any:
    """librdkafka, as confluent-kafka has loaded it."""
    loaded: Any = ctypes.CDLL(cimpl.__file__)
    for name, returned, arguments in _FUNCTIONS:
        function = getattr(loaded, name, None)
        if function is None:
            raise _unknown(f"has no {name}")
        function.restype, function.argtypes = returned, arguments
    return loaded


def handle(client: Consumer | Producer) -> int:
    """Where librdkafka's own client is; RuntimeError once it was closed. LibraryUnknown where it cannot be found."""
    _check_layout(consumer=isinstance(client, Consumer))
    found = _word(client)
    if found is None:
        raise RuntimeError("the Kafka client is closed")
    return found


def _word(client: Consumer | Producer) -> int | None:
    return ctypes.c_void_p.from_address(id(client) + _HANDLE_AT).value


@cache
def _check_layout(*, consumer: bool) -> None:
    """LibraryUnknown unless what is taken for the handle of a client of this kind has that client's own name."""
    settings = {"client.id": _PROBE, "log_level": 0}
    if consumer:
        with closing(Consumer({**settings, "group.id": _PROBE})) as probe:
            found = _name_of(_word(probe))
    else:
        producer = Producer(settings)  # alive until its memory was looked at
        found = _name_of(_word(producer))
    if found != f"{_PROBE}#".encode():
        kind = "Consumer" if consumer else "Producer"
        raise _unknown(f"does not hold its library's handle where it is read ({kind})")


def _name_of(word: int | None) -> bytes:
    """How the client begins its name that would be at `word`; empty where nothing can be read there."""
    if word is None or not _content(word, 1):
        return b""
    return _content(library().rd_kafka_name(word) or 0, _NAME_BYTES)


def _content(address: int, size: int) -> bytes:
    """So many bytes of this process's memory; empty, and no crash, where they are not there: the kernel reads them."""
    reading, writing = os.pipe()
    try:
        write = ctypes.CDLL(None).write
        write.restype, write.argtypes = ctypes.c_ssize_t, [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
        return os.read(reading, size) if write(writing, address, size) == size else b""
    finally:
        os.close(reading)
        os.close(writing)


def _unknown(what: str) -> LibraryUnknown:
    tried = next((one for one in requires("dompet") or () if one.startswith("confluent-kafka")), "confluent-kafka")
    return LibraryUnknown(
        f"confluent-kafka {_number(version())} with librdkafka {_number(libversion())} {what}: install {tried}"
    )


def _number(release: Any) -> str:
    """A release's number; some confluent-kafka give it with its hexadecimal form."""
    return str(release[0] if isinstance(release, tuple) else release)


def rebootstrap(client: Consumer | Producer, servers: str) -> None:
    """Have a client that reaches no broker start again with these servers, `host:port,…`; no harm where it does.

    Since 2.11 librdkafka forgets brokers that the cluster does not name any more, and the last broker of a cluster, as
    it shuts down, names none. Then it should bootstrap again by itself, but does not always (seen in 2.16.0, in one of
    about 200 orderly restarts of a single broker): it knows no broker, asks for none, and reports nothing, for ever.
    """
    library().rd_kafka_brokers_add(handle(client), servers.encode())


def refresh_metadata(consumer: Consumer, topic: str, servers: str, timeout_s: float) -> None:
    """Have a consumer ask for its topic again, or, where nobody answers, start again with these servers.

    Else it repeats from memory, for a quarter of an hour, what a broker said while it started, or asks nobody. This may
    be called while the consumer calls back, as its own `list_topics` may not: after that, confluent-kafka (2.16) does
    not know any more that it is being called back, and the next callback of the same poll aborts the process.
    """
    client, loaded, found = handle(consumer), library(), ctypes.c_void_p()
    asked = loaded.rd_kafka_topic_new(client, topic.encode(), None)
    if asked is None:
        raise RuntimeError(f"librdkafka takes no topic of the name {topic}")
    error = loaded.rd_kafka_metadata(client, 0, asked, ctypes.byref(found), int(timeout_s * 1000))
    loaded.rd_kafka_topic_destroy(asked)
    if error:
        rebootstrap(consumer, servers)
    else:
        loaded.rd_kafka_metadata_destroy(found)
