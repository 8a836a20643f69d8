"""The ports that a command is to listen on, looked at before it starts anything that takes its time."""

from dompet.infra.ports import HOST, check_free, is_free
from dompet.schemas.errors import DompetError
from dompet.streams.terminal.console import note


def need_free(port: int, flag: str, host: str = HOST) -> None:
    """DompetError where nothing can listen there, with the flag by which another one is chosen."""
    try:
        check_free(port, host)
    except OSError as error:
        raise DompetError(f"{unusable(host, port, error)}: stop what does, or choose another by {flag}") from None


def unusable(host: str, port: int, error: OSError) -> str:
    """That nothing can listen there, and why."""
    return f"nothing can listen at {netloc(host, port)} ({error.strerror or error})"


def netloc(host: str, port: int) -> str:
    """An address as it is in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def figures_port(port: int, whose: str, flag: str) -> int:
    """The port where a child process is to answer Prometheus, which is said; 0 where it is taken, which is said, too:
    nothing waits for figures.
    """
    if port and not is_free(port):
        note(f"port {port} is taken: there are no figures of {whose} for Prometheus ({flag})")
        return 0
    if port:
        note(f"figures of {whose} for Prometheus are at http://{HOST}:{port}/metrics")
    return port
