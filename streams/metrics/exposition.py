"""Figures as Prometheus reads them. What they are is asked of their readers when it asks, and not before."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from dompet.streams.metrics.declaration import Family, Kind, Part, families_of
from dompet.streams.metrics.recording import Times

Labels = tuple[str, ...]
Reading = float | Times | None | Mapping[Any, float] | Mapping[Any, Times]
"""A figure; where it has labels, one for each tuple of their values. None: it has none now."""
Readers = Mapping[str, Callable[[], Reading]]
"""By a family's name, what reads it. A reader waits for nobody, and is called by a thread of its own."""

_TOTAL: Final = "_total"


class Exposition(Collector):
    """The figures of one process."""

    def __init__(self, part: Part, readers: Readers) -> None:
        """ValueError where a declared family has no reader, or a reader no family."""
        self._families = families_of(part)
        if wrong := self._families.keys() ^ readers.keys():
            raise ValueError(f"declared and read are not the same figures: {', '.join(sorted(wrong))}")
        self._readers = readers
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def collect(self) -> Iterator[Metric]:
        """All families with their samples."""
        for name, family in self._families.items():
            metric = Metric(name.removesuffix(_TOTAL), family.about, family.kind.value)
            for labels, value in _by_labels(self._readers[name]()):
                _add(metric, family, dict(zip(family.labels, labels, strict=True)), value)
            yield metric

    def written(self, accepted: str) -> tuple[bytes, str]:
        """The answer to Prometheus, and its content type; `accepted` is the header Accept."""
        encode, content_type = choose_encoder(accepted)
        return encode(self._registry), content_type


def _by_labels(reading: Reading) -> list[tuple[Labels, float | Times]]:
    match reading:
        case None:
            return []
        case Mapping():
            return list(reading.items())
        case _:
            return [((), reading)]


def _add(metric: Metric, family: Family, labels: dict[str, str], value: float | Times) -> None:
    name = family.name
    if isinstance(value, Times):
        for bound, count in value.cumulative():
            metric.add_sample(f"{name}_bucket", {**labels, "le": bound}, count)
        metric.add_sample(f"{name}_count", labels, value.count)
        metric.add_sample(f"{name}_sum", labels, value.sum_s)
    else:
        metric.add_sample(name if family.kind is not Kind.COUNTER else f"{metric.name}{_TOTAL}", labels, value)
