"""Links, on which connections can be cut, delayed, and struck at an insert."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import Error, ServerException

from dompet.infra.ports import HOST
from tests.faults.inserts import Ambush
from tests.faults.plan import Kind
from tests.faults.proxy import Link, Network


@contextmanager
def echo() -> Iterator[int]:
    """The port of a server that says everything again."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        while said := connection.recv(1000):
                            connection.sendall(said)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def link() -> Iterator[Link]:
    """A link to a server that says everything again."""
    with echo() as port, Network() as network:
        yield network.link(port)


def connect(link: Link) -> socket.socket:
    return socket.create_connection((HOST, link.port), timeout=5)


def said_again(connection: socket.socket, text: bytes) -> bytes:
    connection.sendall(text)
    return connection.recv(1000)


def test_a_link_carries_both_ways(link: Link) -> None:
    with connect(link) as connection:
        assert said_again(connection, b"halo") == b"halo"
        assert said_again(connection, b"lagi") == b"lagi"


def test_a_cut_resets_every_connection_and_every_new_one_until_it_is_repaired(link: Link) -> None:
    with connect(link) as connection:
        assert said_again(connection, b"halo") == b"halo"
        link.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1000)
    with pytest.raises(OSError), connect(link) as refused:  # reset at once, or when something is said
        assert said_again(refused, b"halo") == b"halo", "nothing came"
    link.repair()
    with connect(link) as connection:
        assert said_again(connection, b"halo") == b"halo"


def test_a_link_breaks_at_a_chosen_piece_of_what_clients_send_and_comes_back(link: Link) -> None:
    link.cut_after(2, 0.2)
    with connect(link) as connection:
        assert said_again(connection, b"halo") == b"halo"
        with pytest.raises(ConnectionResetError):
            said_again(connection, b"lagi")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(ConnectionResetError), connect(link) as connection:
            if said_again(connection, b"halo") == b"halo":
                return
    raise AssertionError("it did not come back")


def test_a_link_that_broke_at_a_chosen_piece_comes_back_when_asked_to(link: Link) -> None:
    link.cut_after(1, 3_600)
    with connect(link) as connection, pytest.raises(ConnectionResetError):
        said_again(connection, b"halo")
    assert link.breaks == 1
    link.cut_after(1, 3_600)
    link.come_back()
    with connect(link) as connection:
        assert said_again(connection, b"halo") == b"halo"
    assert link.breaks == 1


def test_a_delay_holds_back_what_is_said(link: Link) -> None:
    link.delay_s = 0.1
    with connect(link) as connection:
        began = time.monotonic()
        assert said_again(connection, b"halo") == b"halo"
        assert time.monotonic() - began >= 0.2


@pytest.fixture
def table(clickhouse_server: str) -> Iterator[tuple[Client, Client, Link]]:
    """A client of a server with the table struck_rows, another one that comes over a link, and the link."""
    port = int(clickhouse_server.rpartition(":")[2].partition("/")[0])
    with Network() as network, Client.from_url(clickhouse_server) as direct:
        link = network.link(port)
        direct.execute("CREATE TABLE struck_rows (n Int64) ENGINE = MergeTree ORDER BY n")
        with Client.from_url(clickhouse_server.replace(f":{port}/", f":{link.port}/")) as client:
            yield direct, client, link
        direct.execute("DROP TABLE struck_rows")


def insert(client: Client, n: int) -> None:
    client.execute("INSERT INTO struck_rows (n) VALUES", [(n,)])


def rows(client: Client) -> list[int]:
    return [n for (n,) in client.execute("SELECT n FROM struck_rows ORDER BY n")]


@pytest.mark.parametrize(
    ("kind", "is_done"), [(Kind.REFUSE, False), (Kind.BREAK_BEFORE, False), (Kind.BREAK_AFTER, True)]
)
def test_an_insert_fails_that_was_or_was_not_done(
    table: tuple[Client, Client, Link], kind: Kind, is_done: bool
) -> None:
    direct, client, link = table
    insert(client, 1)
    ambush = link.ambush = Ambush(kind, "struck_rows")
    with pytest.raises(ServerException if kind is Kind.REFUSE else (Error, EOFError, OSError)):
        insert(client, 2)
    assert (ambush.struck, ambush.done) == (1, is_done)
    link.ambush = None
    insert(client, 3)
    assert rows(direct) == ([1, 2, 3] if is_done else [1, 3])


@pytest.mark.parametrize(("kind", "is_done"), [(Kind.HANG_BEFORE, False), (Kind.HANG_AFTER, True)])
def test_an_insert_hangs_that_was_or_was_not_done(
    table: tuple[Client, Client, Link], kind: Kind, is_done: bool
) -> None:
    direct, client, link = table
    ambush = link.ambush = Ambush(kind, "")
    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(insert, client, 2)
        while not ambush.struck:
            time.sleep(0.01)
        time.sleep(0.2)
        assert not hanging.done()
        link.ambush = None
        link.reset()
        with pytest.raises((Error, EOFError, OSError)):
            hanging.result()
    assert rows(direct) == ([2] if is_done else [])


def test_inserts_into_other_tables_pass(table: tuple[Client, Client, Link]) -> None:
    direct, client, link = table
    ambush = link.ambush = Ambush(Kind.REFUSE, "journal_rows")
    insert(client, 1)
    assert (rows(direct), ambush.struck) == ([1], 0)
