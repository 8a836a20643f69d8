"""Asking the worker that holds an embedded warehouse, on loopback."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from dompet.schemas.errors import DompetError

HOLDER: Final = "dompet.holder"
"""The lock file within the warehouse's folder: as JSON, who holds it and where to ask; readable by its user alone."""

_ANSWER_LIMIT_S: Final = 600


def ask(folder: Path, path: str, body: dict[str, Any]) -> bytes:
    """What the holder of the warehouse at `folder` answers; DompetError with its refusal, or where none answers."""
    try:
        holder = json.loads((folder / HOLDER).read_text("utf-8"))
        url, token = holder["url"], holder["token"]
    except (OSError, ValueError, KeyError):
        raise DompetError(
            f"another process holds the embedded warehouse at {folder} and cannot be asked: stop it first"
        ) from None
    request = urllib.request.Request(  # noqa: S310  (the URL is the worker's own, from its own file)
        url + path, json.dumps(body).encode(), {"Authorization": f"Bearer {token}"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_LIMIT_S) as response:  # noqa: S310
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        raise DompetError(_refusal(error, url)) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise DompetError(
            f"process {holder['pid']} holds the embedded warehouse at {folder} but does not answer at {url}: {error}"
        ) from None


def _refusal(error: urllib.error.HTTPError, url: str) -> str:
    """What the holder says is wrong; where it says nothing of its own, that it is another program than a worker."""
    try:
        return str(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"{url} answered with HTTP status {error.code}: no worker of this dompet listens there"
