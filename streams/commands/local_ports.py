"""The ports that a command is to listen on, looked at before it starts anything that takes its time."""

import socket

from dompet.infra.ports import HOST
from dompet.schemas.errors import DompetError


def need_free(port: int, flag: str, host: str = HOST) -> None:
    """DompetError where nothing can listen there, with the flag by which another one is chosen."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise DompetError(
            f"nothing can listen at {host}:{port} ({error.strerror or error}): "
            f"stop what does, or choose another by {flag}"
        ) from None
