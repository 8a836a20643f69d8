"""What the addresses among the settings must be, and how they are shown: they may hold a password."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from dompet.streams.process.secrets import HIDDEN

_SERVER: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")
_SCHEME: Final = re.compile(r"\w+://")
_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?"
_URL: Final = re.compile(rf"\w+://(?:(?P<user>[^@/?#\s]*)@)?(?P<place>(?:{_HOST})?(?:/[^?#@]*)?)(?:\?[^#]*)?")
_SECRET_NAME: Final = re.compile(r"password|secret|\.pem$|jaas|token|credential")
_A_WAREHOUSE: Final = "it must be chdb:///absolute/path or clickhouse://user:password@host:9000/database"


def without_secrets(text: str) -> str:
    """A URL or a list of servers as it may be shown: nobody's name, no password, no options.

    A URL that is none is not shown at all: where its `@` is missing or its `#` is not escaped, no one can say which
    part of it is the password.
    """
    if not (scheme := _SCHEME.match(text)):
        return re.sub(r"^.*@", f"{HIDDEN}@", text, flags=re.DOTALL)
    if not (found := _URL.fullmatch(text)):
        return f"{scheme[0]}{HIDDEN}"
    return f"{scheme[0]}{f'{HIDDEN}@' if found['user'] else ''}{found['place']}"


def secrets_of(kafka: Mapping[str, str], *urls: str) -> Iterator[str]:
    """The passwords and keys among librdkafka's settings and in URLs of warehouses."""
    yield from (value for name, value in kafka.items() if _SECRET_NAME.search(name))
    for found in filter(None, map(_URL.fullmatch, urls)):
        password = (found["user"] or "").partition(":")[2]
        yield from (password, unquote(password))


def kafka_servers(value: str) -> str:
    """A list of servers with commas between them; ValueError where one is none."""
    servers = [server.strip() for server in value.split(",")]
    for found in map(_SERVER.fullmatch, servers):
        if not found or int(found["port"] or 1) not in range(1, 65_536):
            raise ValueError("it must be host:port, or several with commas between them")
    return ",".join(servers)


def warehouse_url(value: str, home: Path) -> str:
    """The warehouse, by default the embedded one in `home`; ValueError where it is none."""
    value = value or f"chdb://{home}/warehouse"
    try:
        parts = urlsplit(value)
        port_fits = parts.port != 0
    except ValueError:
        raise ValueError(_A_WAREHOUSE) from None
    embedded = parts.scheme == "chdb" and parts.path.startswith("/") and not parts.netloc
    server = parts.scheme in ("clickhouse", "clickhouses") and parts.hostname and port_fits
    if not (embedded or server):
        raise ValueError(_A_WAREHOUSE)
    if embedded:
        folder_of_a_url(Path(value))
    return value


def server_url(value: str) -> str:
    """A server's URL, or nothing, which may be written `none`; ValueError where it is another one."""
    if value in ("", "none"):
        return ""
    if not value.startswith("clickhouse://"):
        raise ValueError("it must be clickhouse://user:password@host:9000/database")
    return warehouse_url(value, Path())


def folder_of_a_url(path: Path) -> Path:
    """A folder that a URL can name as it is; ValueError where it would name another."""
    if set(str(path)) & {"?", "#"}:
        raise ValueError("a folder of data can have neither '?' nor '#' in its path")
    return path
