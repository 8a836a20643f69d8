"""Where each microsecond of processor time goes: a worker's work on a log, one stage after another in one thread, the
warehouse's engine in the same process.

Run it as `python -m tests.bench.run_stages --help`. Prints a line of JSON: events, and by stage the seconds of
processor time that this process took meanwhile, the engine's and librdkafka's threads included.
"""

# ruff: noqa: E402  (as the command line does, before what is imported starts threads)
from dompet.streams.process.memory import prepare_process

prepare_process()

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from confluent_kafka.admin import AdminClient

from dompet.projections.fold import Fold
from dompet.streams.kafka.log_queue import LogQueue
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.pipeline import projector
from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.proof.chains import Chains
from dompet.streams.settings import Settings
from dompet.streams.warehouse import embedded, native
from tests.bench.run_dompet import settings_of

REST: Final = "all else"
STAGES: Final = {
    "read": (LogQueue, "read"),
    "decode": (projector, "decode"),
    "fold": (Fold, "apply"),
    "check": (projector, "check"),
    "journal rows": (projector, "journal_rows"),
    "checkpoints": (projector, "batch_checkpoints"),
    "latest tables": (projector, "latest_tables"),
    "rows as tables": (projector, "arrow_table"),
    "chain, taken": (Chains, "take"),
    "chain, as a table": (Chains, "table"),
    "blocks": (native, "native_block"),
}
"""By name: where the function is called from that a stage is. What one calls of another counts for the inner one."""


class Stages:
    """Processor time by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner_s = [0.0]

    def timed(self, name: Callable[..., str] | str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, whose time counts for a stage; `name` may depend on what it is called with."""

        def stage(*args: Any, **kwargs: Any) -> Any:
            began_s = time.process_time()
            self._inner_s.append(0.0)
            try:
                return call(*args, **kwargs)
            finally:
                took_s = time.process_time() - began_s
                self.seconds[name if isinstance(name, str) else name(*args)] += took_s - self._inner_s.pop()
                self._inner_s[-1] += took_s

        return stage


def inserted(_: Any, table: str, __: Any) -> str:
    """The stage of an insert."""
    return f"insert: {table}"


def folded(settings: Settings) -> dict[str, Any]:
    """Fold the log into an empty warehouse, to its end; measured from when its partitions are assigned."""
    ensure_topics(AdminClient({**settings.kafka_settings()}), settings.topics)
    stages, pipeline, events, began_s = Stages(), Pipeline(settings), 0, [0.0]
    assign = projector.Projector.assign

    def assigned(*args: Any) -> Any:
        positions = assign(*args)
        stages.seconds.clear()
        began_s[0] = time.process_time()
        return positions

    with ExitStack() as patches:
        for name, (place, attribute) in STAGES.items():
            patches.enter_context(patch.object(place, attribute, stages.timed(name, getattr(place, attribute))))
        insert = stages.timed(inserted, embedded.EmbeddedWarehouse.insert)
        patches.enter_context(patch.object(embedded.EmbeddedWarehouse, "insert", insert))
        patches.enter_context(patch.object(projector.Projector, "assign", assigned))
        pipeline.open()
        reader = pipeline.source
        try:
            while not (reader.assigned and reader.has_read_all()):
                batch = reader.read()
                done = pipeline.projector.project(batch.records, batch.generation) if batch else None
                if done is not None:
                    pipeline.store(done)
                    events += len(done.decoded.records)
            whole_s = time.process_time() - began_s[0]
        finally:
            reader.close()
            pipeline.close()
    stages.seconds[REST] = whole_s - sum(stages.seconds.values())
    return {"events": events, "stages": stages.seconds}


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description="Processor time of each stage of a worker's work.")
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--home", type=Path, required=True, help="an empty folder")
    options = parser.parse_args()
    warehouse = f"chdb://{options.home / 'warehouse'}"
    print(json.dumps(folded(settings_of(options.bootstrap_servers, options.topic, options.home, warehouse))))


if __name__ == "__main__":
    main()
