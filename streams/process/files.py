"""Folders of local data, which hold what people bought and learnt."""

from contextlib import suppress
from pathlib import Path
from typing import Final

_OWNER: Final = 0o700


def owner_only(folder: Path) -> None:
    """Close a folder that exists to everybody but its owner, where it is this user's to close."""
    with suppress(OSError):
        if folder.is_dir() and folder.stat().st_mode & 0o077:
            folder.chmod(_OWNER)
