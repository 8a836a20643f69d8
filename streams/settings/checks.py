"""What the addresses among the settings must be, and how they are shown: they may hold a password."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_SERVER: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")
_A_WAREHOUSE: Final = "it must be chdb:///absolute/path or clickhouse://user:password@host:9000/database"


def without_secrets(url: str) -> str:
    """A URL or a list of servers as it may be shown: nobody's name, no password, no options."""
    return re.sub(r"^(\w+://)?.*@", r"\1***@", url, flags=re.DOTALL).partition("?")[0]


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


def folder_of_a_url(path: Path) -> Path:
    """A folder that a URL can name as it is; ValueError where it would name another."""
    if set(str(path)) & {"?", "#"}:
        raise ValueError("a folder of data can have neither '?' nor '#' in its path")
    return path
