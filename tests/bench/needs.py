"""What a measurement needs of the machine, looked for before anything is measured."""

import shutil
from pathlib import Path
from typing import Final

DISK_BYTES: Final = 4_000_000_000
PART_DISK_BYTES: Final = 1_000_000_000
_PROGRAMS: Final = {
    "java": "apt-get install openjdk-17-jre-headless",
    "mvn": "apt-get install maven",
    "clickhouse-server": "apt-get install clickhouse-server",
}


def missing(folder: Path, only: str) -> list[str]:
    """A sentence for each thing that is not there, and that all parts, or `only` this one, need; none where all is."""
    wanted = {"": tuple(_PROGRAMS), "engine": (), "storing": tuple(_PROGRAMS)}.get(only, ("java",))
    found = [f"{name} is missing: {_PROGRAMS[name]}" for name in wanted if not shutil.which(name)]
    needed = PART_DISK_BYTES if only else DISK_BYTES
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if (free := shutil.disk_usage(place).free) < needed:
        found.append(f"{place} has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB are needed")
    return found
