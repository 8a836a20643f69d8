"""What a demonstration remembers of the log that it fills, so that a later run can go on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from dompet.schemas.errors import DompetError


@dataclass(frozen=True)
class Marker:
    """The programme on a log. `events` counts it once all of it is there; until then it is None.

    The rates are events a second as last measured, 0 where nothing was.
    """

    cluster_id: str
    topic: str
    people: int
    seed: int
    events: int | None = None
    published_per_s: int = 0
    folded_per_s: int = 0

    @classmethod
    def read(cls, home: Path, cluster_id: str, topic: str) -> Self | None:
        """The marker of this log; None where there is none. DompetError where the file is not one."""
        file = _file(home, topic)
        if not file.is_file():
            return None
        try:
            marker = cls(**json.loads(file.read_text("utf-8")))
        except (ValueError, TypeError):
            raise DompetError(f"{file} is not what the demo wrote: `make clean-data` starts again") from None
        return marker if marker.cluster_id == cluster_id else None

    def write(self, home: Path) -> None:
        """Remember it; a run that is cut leaves the old one or the new one."""
        home.mkdir(parents=True, exist_ok=True)
        file = _file(home, self.topic)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), "utf-8")
        new.replace(file)


def _file(home: Path, topic: str) -> Path:
    return home / f"demo-{topic}.json"
