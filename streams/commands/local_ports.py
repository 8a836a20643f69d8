"""The ports that a command is to listen on, looked at before it starts anything that takes its time."""

from dompet.infra.ports import HOST, check_free
from dompet.schemas.errors import DompetError


def need_free(port: int, flag: str, host: str = HOST) -> None:
    """DompetError where nothing can listen there, with the flag by which another one is chosen."""
    try:
        check_free(port, host)
    except OSError as error:
        raise DompetError(
            f"nothing can listen at {host}:{port} ({error.strerror or error}): "
            f"stop what does, or choose another by {flag}"
        ) from None
