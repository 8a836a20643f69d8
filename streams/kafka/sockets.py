"""Sockets of which nothing more is sent once they are closed, by this process or by the kernel.

A kernel goes on sending what a process that was killed had written, for minutes where the network was away. What such a
request holds would then come after what the killed process's successor has looked at.
"""

import ctypes
import socket
import struct
from typing import Final

_UNANSWERED_MS: Final = 5_000
"""What was sent and not acknowledged by the other machine for so long ends the connection."""
_NOTHING_STAYS: Final = struct.pack("ii", 1, 0)


def _open(domain: int, kind: int, protocol: int, _: object) -> int:
    try:
        opened = socket.socket(domain, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOTHING_STAYS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)
    except OSError:
        return -1
    return opened.detach()


_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)(_open)
OPEN_SOCKET: Final = ctypes.cast(_CALLBACK, ctypes.c_void_p).value
"""Where librdkafka's `socket_cb` is."""
