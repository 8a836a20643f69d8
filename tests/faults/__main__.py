"""`python -m tests.faults`: do the faults of a seed to a whole pipeline, and judge what came of it."""

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Final

from dompet.schemas.errors import DompetError
from tests.faults.cast import gathered
from tests.faults.conducting import Conductor
from tests.faults.disk import small_disk
from tests.faults.engine import HeldEngine
from tests.faults.judging import judge
from tests.faults.plan import Scale, plan
from tests.faults.report import Report

_DISK_BASE_BYTES: Final = 1_500_000_000
"""ClickHouse keeps the parts that it merged for eight minutes: of a short run, all that there ever were."""
_DISK_BYTES_AN_EVENT: Final = 2_000
_EVENTS_A_KILL: Final = 4_500
_OTHERS_A_KILL: Final = 0.6
_AWAY_FROM_EVENTS: Final = 200_000
_AWAY_S: Final = 60.0
_STILL_S: Final = 180.0


def main() -> int:
    """0 where nothing was lost or doubled and all else holds; 1 where not; 2 where the run could not be made."""
    options = _options()
    scale = Scale(options.events, options.kills, options.others, options.workers, options.away, options.embedded)
    if options.plan:
        print("\n".join(map(str, plan(options.seed, scale))))
        return 0
    for name in [name for name in os.environ if name.startswith("DOMPET_")]:
        del os.environ[name]  # what is tested is dompet as it comes
    signal.signal(signal.SIGTERM, _interrupted)
    for library in ("clickhouse_driver", "rdkafka"):  # of a server that is away, again and again
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        report = run(options.seed, scale, options.logs)
    except (DompetError, RuntimeError) as error:
        print(f"faults: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print("\n".join(report.lines()))
    wrong = report.wrong
    print("\n".join(f"WRONG: {sentence}" for sentence in wrong) if wrong else "all of it holds")
    return 1 if wrong else 0


def run(seed: int, scale: Scale, logs: Path | None) -> Report:
    """One run, from empty servers to the verdict. What everybody wrote is kept in the folder `logs`, if any."""
    began = time.monotonic()

    def say(sentence: str) -> None:
        print(f"[{time.monotonic() - began:6.0f} s] {sentence}", flush=True)

    with tempfile.TemporaryDirectory(prefix="dompet-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "clickhouse").mkdir()
        with small_disk(folder / "clickhouse", _DISK_BASE_BYTES + _DISK_BYTES_AN_EVENT * scale.events) as disk:
            say(f"seed {seed}: {scale.events:,} events, {scale.kills} kills, {scale.others} other faults")
            if disk is None:
                say("no disk may be mounted here: where it would be full, inserts are refused")
            numbers = {"seed": seed, "events": scale.events, "workers": scale.workers}
            with gathered(folder, disk, **numbers, embedded=scale.embedded) as cast:
                conductor = Conductor(cast, plan(seed, scale), scale.events, still_s=_STILL_S, say=say)
                course = conductor.run()
                say("the run is over; reading the log and judging the journal")
                with cast.server.answering() if isinstance(cast.server, HeldEngine) else nullcontext():
                    url = cast.server.url
                    verdict = None if course.trouble else judge(cast.broker.bootstrap, url, cast.acknowledged)
                _keep(folder, logs)
                return Report(seed, scale, course, verdict)


def _keep(folder: Path, logs: Path | None) -> None:
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=True)
        for log in folder.glob("**/*.log"):
            shutil.copy(log, logs / "-".join(log.relative_to(folder).parts))


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same faults")
    parser.add_argument("--events", type=int, default=1_000_000, help="events to publish")
    parser.add_argument("--kills", type=int, help=f"how often something is killed (one in {_EVENTS_A_KILL} events)")
    parser.add_argument("--others", type=int, help=f"other faults ({_OTHERS_A_KILL} a kill)")
    parser.add_argument("--workers", type=int, default=3, help="workers of the group")
    parser.add_argument("--away", type=float, help=f"seconds that the warehouse is long away ({_AWAY_S:.0f}; 0: never)")
    parser.add_argument("--embedded", action="store_true", help="into the embedded warehouse")
    parser.add_argument("--plan", action="store_true", help="print the schedule of faults, and do nothing")
    parser.add_argument("--logs", type=Path, help="a folder in which the logs of all processes are kept")
    options = parser.parse_args()
    if options.kills is None:
        options.kills = options.events // _EVENTS_A_KILL
    if options.others is None:
        options.others = int(options.kills * _OTHERS_A_KILL)
    if options.away is None:
        options.away = _AWAY_S if options.events >= _AWAY_FROM_EVENTS and not options.embedded else 0.0
    return options


if __name__ == "__main__":
    sys.exit(main())
