"""What processes answer Prometheus, read by prometheus-client's own parser."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from dompet.streams.metrics.declaration import Part, families_of

_LIMIT_S: Final = 120.0


@dataclass(frozen=True)
class Figures:
    """One answer."""

    families: Mapping[str, Metric]

    def of(self, name: str, **labels: str) -> float | None:
        """The value of the one sample of this name with these labels; None where there is none."""
        found = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        assert len(found) <= 1, (name, labels, found)
        return found[0] if found else None

    def sum(self, name: str) -> float:
        """Of all samples of this name."""
        return sum(one.value for family in self.families.values() for one in family.samples if one.name == name)

    def assert_declared(self, part: Part) -> None:
        """Each family is one that the part declares, with its help, kind and labels, and none is missing."""
        ours = {name: one for name, one in self.families.items() if name.startswith("dompet_")}
        declared = {name.removesuffix("_total"): family for name, family in families_of(part).items()}
        assert {name: (one.type, one.documentation) for name, one in ours.items()} == {
            name: (family.kind.value, family.about) for name, family in declared.items()
        }
        for name, one in ours.items():
            for sample in one.samples:
                assert set(sample.labels) - {"le"} == set(declared[name].labels), sample


def figures(port: int) -> Figures:
    """What is answered at this port now. Raises OSError where nothing answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        families = text_string_to_metric_families(response.read().decode())
        return Figures({one.name: one for one in families})


def figures_where(port: int, holds: Callable[[Figures], bool]) -> Figures:
    """The first answer that is so."""
    deadline, found = time.monotonic() + _LIMIT_S, None
    while time.monotonic() < deadline:
        try:
            if holds(found := figures(port)):
                return found
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"it did not come: {found}")
