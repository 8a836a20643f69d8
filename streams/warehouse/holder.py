"""Who holds an embedded warehouse: one process, named by a lock file in its folder. An engine says there where it is to
be asked, and with which token; so do workers, in folders of their own, of their pages.
"""

import fcntl
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dompet.schemas.errors import DompetError
from dompet.streams.warehouse.base import WarehouseBusy

if TYPE_CHECKING:
    import urllib.error

HOLDER: Final = "dompet.holder"
"""The lock file within the warehouse's folder: as JSON, who holds it and where to ask; readable by its user alone."""

BLOCK: Final = "{block}"
"""In a statement for the engine: a placeholder for the path of the block that comes with the request."""

AS_GUEST: Final = "X-Dompet-As-Guest"
"""The header of a request with the token that asks for no more than a guest may have."""

CANNOT_BE_ASKED: Final = "cannot be asked"
CANNOT_LISTEN: Final = "the engine cannot listen at"
"""What who starts an engine looks for in what it said."""

_ANSWER_LIMIT_S: Final = 600


class Holder(NamedTuple):
    """A process that can be asked: at this address, by who has this token."""

    pid: int
    url: str
    token: str


def holder_of(folder: Path) -> Holder | None:
    """Who says, in a folder, that it can be asked; None where nobody does. It may have ended since."""
    try:
        content = json.loads((folder / HOLDER).read_text("utf-8"))
        return Holder(int(content["pid"]), str(content["url"]), str(content["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def hold(folder: Path) -> int:
    """Lock the folder for this process; the lock's descriptor. WarehouseBusy naming the process that holds it."""
    lock = os.open(folder / HOLDER, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held = re.search(rb'"pid": (\d+)', os.read(lock, 1024))
        os.close(lock)
        raise WarehouseBusy(
            f"process {held[1].decode() if held else 'unknown'} has the embedded warehouse at {folder} open and "
            f"{CANNOT_BE_ASKED}: wait until it ends, or stop it"
        ) from None
    announce(lock)
    return lock


def announce(lock: int, url: str = "", token: str = "") -> None:
    """Write down who holds the lock, and where and with which token to ask."""
    os.ftruncate(lock, 0)
    place = {"url": url, "token": token} if url else {}
    os.pwrite(lock, json.dumps({"pid": os.getpid(), **place}).encode(), 0)


def ask(folder: Path, path: str, body: dict[str, Any]) -> bytes:
    """What the worker whose folder this is answers; DompetError with its refusal, or where none answers."""
    import urllib.error  # who only asks who holds it need not load these
    import urllib.request

    holder = holder_of(folder)
    if holder is None:
        raise DompetError(f"nobody says in {folder} where to ask")
    request = urllib.request.Request(  # noqa: S310  (the URL is the worker's own, from its own file)
        holder.url + path, json.dumps(body).encode(), {"Authorization": f"Bearer {holder.token}"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_LIMIT_S) as response:  # noqa: S310
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        raise DompetError(_refusal(error, holder.url)) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise DompetError(f"process {holder.pid} does not answer at {holder.url}: {error}") from None


def _refusal(error: "urllib.error.HTTPError", url: str) -> str:
    """What the holder says is wrong; where it says nothing of its own, that it is another program than a worker."""
    try:
        return str(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"{url} answered with HTTP status {error.code}: no worker of this dompet listens there"
