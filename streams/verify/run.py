"""What `dompet verify` and `dompet chain head` do, from the settings on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.admin import admin_client, cluster, log_offsets
from dompet.streams.kafka.topics import unfit
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.pipeline.resuming import check_identity
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.proof.chain import Head
from dompet.streams.proof.verified import record
from dompet.streams.settings import Settings
from dompet.streams.verify.heads import (
    latest_heads,
    private_key,
    public_key,
    published,
    read_published,
    signature_fault,
)
from dompet.streams.verify.refold import Log
from dompet.streams.verify.report import Question, Report
from dompet.streams.verify.verification import Verification
from dompet.streams.warehouse.client import warehouse_client


class QuestionError(DompetError):
    """What is to be verified does not exist."""


@dataclass(frozen=True)
class Options:
    """What the command line says is to be verified."""

    partition: int | None = None
    begin: int = 0
    end: int | None = None
    head: Path | None = None
    public_key: Path | None = None


@contextmanager
def _opened_log(settings: Settings) -> Iterator[tuple[Log, str]]:
    """The log that the settings name, and its cluster's id; DompetError where it cannot be reached."""
    admin = admin_client(settings)
    look = partial(log_offsets, admin, settings.log_topic)
    offsets = look()
    if not offsets:
        raise QuestionError(f"topic {settings.log_topic} does not exist: `dompet topics` creates what is missing")
    yield (
        Log(settings.kafka_settings(), settings.log_topic, offsets, settings.batch_bytes, look),
        str(cluster(admin).cluster_id),
    )


def verify(settings: Settings, options: Options, on_progress: Callable[[int, int], None]) -> Report:
    """Compare the warehouse and the workers with the log; DompetError where it cannot be done."""
    with _opened_log(settings) as (log, cluster_id):
        question, faults = _question(log, cluster_id, options), unfit(admin_client(settings), settings.topics)
        rulebook = settings.rulebook()
        identity = Identity(cluster_id, log.topic, len(log.offsets), rulebook.digest(), extended=rulebook.extended())
        with warehouse_client(settings) as ask:
            check_identity(SqlJournal(ask), identity)  # type: ignore[arg-type]  # it only reads
            verification = Verification(settings, log, rulebook, ask)
            report = verification.report
            (report.accepted if settings.accept_topic_settings else report.faults).extend(faults)
            verification.run(question, on_progress)
            try:
                record(ask, log.topic, question.begin, report.upto, report.records, report.found)
            except DompetError as error:
                report.unrecorded = f"the record of this verification could not be written: {error}"
            return report


def _question(log: Log, cluster_id: str, options: Options) -> Question:
    if options.partition is not None and options.partition not in log.offsets:
        raise QuestionError(f"--partition {options.partition}: the log has partitions 0 to {max(log.offsets)}")
    if options.end is not None and options.end <= options.begin:
        raise QuestionError(f"--to {options.end} must be above --from {options.begin}")
    heads: list[Head] = []
    fault = ""
    if options.head is None and options.public_key is not None:
        raise QuestionError("--public-key holds the signature of --head FILE: give both")
    if options.head is not None:
        key = public_key(options.public_key) if options.public_key else None
        content, heads = read_published(options.head, cluster_id, log.topic)
        fault = signature_fault(content, key) if key else ""
        if stranger := [one.partition for one in heads if one.partition not in log.offsets]:
            raise QuestionError(f"{options.head}: the log has no partition {stranger[0]}")
    partitions = () if options.partition is None else (options.partition,)
    return Question(partitions, options.begin, options.end, tuple(heads), fault)


def chain_head(settings: Settings, partition: int | None) -> dict[str, Any]:
    """The heads to publish, signed where the settings name a key."""
    key = private_key(settings.chain_key) if settings.chain_key else None
    with _opened_log(settings) as (log, cluster_id), warehouse_client(settings) as ask:
        if partition is not None and partition not in log.offsets:
            raise QuestionError(f"--partition {partition}: the log has partitions 0 to {max(log.offsets)}")
        heads = latest_heads(ask, log.offsets if partition is None else (partition,))
        return published(heads, cluster_id, log.topic, key)
