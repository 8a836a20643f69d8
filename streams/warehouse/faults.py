"""ClickHouse's refusals: which of them heal by themselves, so that the same request is worth another try.

Numbers and names are ClickHouse's own (ErrorCodes.cpp), the same for a server and for the embedded engine. What is not
listed does not heal: a wrong password, a database or table that is not there, a column that is unknown, a statement
that does not hold. A number that a release has not yet is no harm.
"""

import re
from collections.abc import Mapping
from typing import Final

from dompet.streams.warehouse.base import WarehouseError, WarehouseUnavailable

HEALING: Final[Mapping[int, str]] = {
    # The connection, or the server's own connections to others
    3: "UNEXPECTED_END_OF_FILE",
    32: "ATTEMPT_TO_READ_AFTER_EOF",
    33: "CANNOT_READ_ALL_DATA",
    95: "CANNOT_READ_FROM_SOCKET",
    96: "CANNOT_WRITE_TO_SOCKET",
    99: "UNKNOWN_PACKET_FROM_CLIENT",
    100: "UNKNOWN_PACKET_FROM_SERVER",
    101: "UNEXPECTED_PACKET_FROM_CLIENT",
    102: "UNEXPECTED_PACKET_FROM_SERVER",
    198: "DNS_ERROR",
    203: "NO_FREE_CONNECTION",
    209: "SOCKET_TIMEOUT",
    210: "NETWORK_ERROR",
    279: "ALL_CONNECTION_TRIES_FAILED",
    # Too much at once
    159: "TIMEOUT_EXCEEDED",
    160: "TOO_SLOW",
    173: "CANNOT_ALLOCATE_MEMORY",
    201: "QUOTA_EXCEEDED",
    202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    241: "MEMORY_LIMIT_EXCEEDED",
    252: "TOO_MANY_PARTS",
    364: "RECEIVED_ERROR_TOO_MANY_REQUESTS",
    439: "CANNOT_SCHEDULE_TASK",
    473: "DEADLOCK_AVOIDED",
    574: "DISTRIBUTED_TOO_MANY_PENDING_BYTES",
    692: "TOO_MANY_MUTATIONS",
    700: "USER_SESSION_LIMIT_EXCEEDED",
    745: "SERVER_OVERLOADED",
    749: "TCP_CONNECTION_LIMIT_REACHED",
    # The disk: full, or not there for the moment
    23: "CANNOT_READ_FROM_ISTREAM",
    24: "CANNOT_WRITE_TO_OSTREAM",
    74: "CANNOT_READ_FROM_FILE_DESCRIPTOR",
    75: "CANNOT_WRITE_TO_FILE_DESCRIPTOR",
    76: "CANNOT_OPEN_FILE",
    77: "CANNOT_CLOSE_FILE",
    87: "CANNOT_SEEK_THROUGH_FILE",
    88: "CANNOT_TRUNCATE_FILE",
    172: "CANNOT_CREATE_DIRECTORY",
    204: "CANNOT_FSYNC",
    214: "CANNOT_STATVFS",
    243: "NOT_ENOUGH_SPACE",
    425: "SYSTEM_ERROR",
    499: "S3_ERROR",
    586: "CANNOT_CREATE_FILE",
    # A server that starts, stops, or waits for its replicas
    218: "TABLE_IS_DROPPED",
    225: "NO_ZOOKEEPER",
    236: "ABORTED",
    242: "TABLE_IS_READ_ONLY",
    254: "NO_ACTIVE_REPLICAS",
    265: "NO_AVAILABLE_REPLICA",
    285: "TOO_FEW_LIVE_REPLICAS",
    286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
    289: "REPLICA_IS_NOT_IN_QUORUM",
    297: "SHARD_HAS_NO_CONNECTIONS",
    319: "UNKNOWN_STATUS_OF_INSERT",
    394: "QUERY_WAS_CANCELLED",
    722: "ASYNC_LOAD_WAIT_FAILED",
    733: "TABLE_IS_BEING_RESTARTED",
    999: "KEEPER_EXCEPTION",
    # What libraries below it raise: sockets, files, memory
    1000: "POCO_EXCEPTION",
    1001: "STD_EXCEPTION",
}
"""By number, the name of each refusal that heals."""

_CODE: Final = re.compile(r"\bCode: (\d+)\b")


def refusal(said: str, code: int | None, sentence: str = "{}") -> WarehouseError:
    """What ClickHouse said as an error of ours, without the trail that it adds for developers; WarehouseUnavailable
    where it heals. `sentence`: what is made of it. Without a code, the one that the text names counts.
    """
    if code is None:
        found = _CODE.search(said)
        code = int(found[1]) if found else None
    message = said.split("Stack trace:", maxsplit=1)[0].strip().rstrip(".").removeprefix("DB::Exception: ")
    kind = WarehouseUnavailable if code in HEALING else WarehouseError
    return kind(sentence.format(message or "nothing"))
