"""Where the engine listens."""

from typing import Final

from dompet.streams.engine.limits import QUERY_BYTES_MAX
from dompet.streams.process import listening

_END_LIMIT_S: Final = 0.1
"""How long an answer that is nearly there may take once the engine ends."""
_OPTIONS: Final = {
    "access_log": None,
    "auto_decompress": False,
    "max_line_size": 3 * QUERY_BYTES_MAX,  # a query may stand in the address, each byte as %XX
    "max_field_size": 1 << 16,
}
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nX-ClickHouse-Exception-Code: 202\r\n"
    b"Content-Type: text/plain; charset=UTF-8\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
)
_SAID: Final = (
    b"Code: 202. DB::Exception: the engine has too many connections; try again. (TOO_MANY_SIMULTANEOUS_QUERIES)\n"
)


class Listener(listening.Listener):
    """Listens on one loopback port, 0 for any. `connections`: how many at the same time; one more is asked to try
    again. `idle_s`: how long one may be without the head of a request, from its begin or from the end of the last one.
    """

    def __init__(self, handler: listening.Handler, host: str, port: int, connections: int, idle_s: float) -> None:
        busy = _BUSY % (len(_SAID), _SAID)
        super().__init__(handler, host, port, connections, idle_s, busy, _OPTIONS, _END_LIMIT_S)
