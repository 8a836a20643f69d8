"""What attacks on an engine aim at, and how it is seen that they missed."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.engines import Answer

REFUSED = (400, 403, 404)


@dataclass
class Target:
    """A file with a secret, a file that is not there, a port where a connection would be seen."""

    secret: str
    readable: Path
    writable: Path
    server: socket.socket

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.getsockname()[1]}"

    def aimed(self, sql: str) -> str:
        """The attack with this target's names."""
        return (
            sql.replace("<file>", str(self.readable)).replace("<new>", str(self.writable)).replace("<at>", self.address)
        )

    def assert_untouched(self) -> None:
        """Nothing was written, and nobody has called."""
        assert not self.writable.exists()
        with suppress(BlockingIOError):
            _, caller = self.server.accept()
            raise AssertionError(f"somebody has called from {caller}")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A target for the attacks of a module."""
    folder = tmp_path_factory.mktemp("target")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        target = Target(secrets.token_hex(8), folder / "secret", folder / "written", server)
        target.readable.write_text(target.secret)
        yield target


def assert_refused(answer: Answer, target: Target, sql: str) -> None:
    """The attack was refused, and has shown nothing."""
    assert answer.status in REFUSED, (sql, answer)
    assert target.secret not in answer.text, sql
