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
from dompet.streams.verify.verification import Question, Report, Verification
from dompet.streams.warehouse.client import warehouse_client


class QuestionError(DompetError):
    """What is to be verified does not exist."""


@dataclass(frozen=True)
class Asked:
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


def verify(settings: Settings, asked: Asked, tell: Callable[[int, int], None]) -> Report:
    """Hold the warehouse and the workers against the log; DompetError where it cannot be done."""
    with _opened_log(settings) as (log, cluster_id):
        question, faults = _question(log, cluster_id, asked), unfit(admin_client(settings), settings.topics)
        rulebook = settings.rulebook()
        identity = Identity(cluster_id, log.topic, len(log.offsets), rulebook.digest(), extended=rulebook.extended())
        with warehouse_client(settings) as ask:
            check_identity(SqlJournal(ask), identity)  # type: ignore[arg-type]  # it only reads
            verification = Verification(settings, log, rulebook, ask)
            report = verification.report
            (report.accepted if settings.accept_topic_settings else report.faults).extend(faults)
            verification.run(question, tell)
            try:
                record(ask, log.topic, question.begin, report.upto, report.records, report.found)
            except DompetError as error:
                report.unrecorded = f"the record of this verification could not be written: {error}"
            return report


def _question(log: Log, cluster_id: str, asked: Asked) -> Question:
    if asked.partition is not None and asked.partition not in log.offsets:
        raise QuestionError(f"--partition {asked.partition}: the log has partitions 0 to {max(log.offsets)}")
    if asked.end is not None and asked.end <= asked.begin:
        raise QuestionError(f"--to {asked.end} must be above --from {asked.begin}")
    heads: list[Head] = []
    fault = ""
    if asked.head is None and asked.public_key is not None:
        raise QuestionError("--public-key holds the signature of --head FILE: give both")
    if asked.head is not None:
        key = public_key(asked.public_key) if asked.public_key else None
        content, heads = read_published(asked.head, cluster_id, log.topic)
        fault = signature_fault(content, key) if key else ""
        if stranger := [one.partition for one in heads if one.partition not in log.offsets]:
            raise QuestionError(f"{asked.head}: the log has no partition {stranger[0]}")
    partitions = () if asked.partition is None else (asked.partition,)
    return Question(partitions, asked.begin, asked.end, tuple(heads), fault)


def chain_head(settings: Settings, partition: int | None) -> dict[str, Any]:
    """The heads to publish, signed where the settings name a key."""
    key = private_key(settings.chain_key) if settings.chain_key else None
    with _opened_log(settings) as (log, cluster_id), warehouse_client(settings) as ask:
        if partition is not None and partition not in log.offsets:
            raise QuestionError(f"--partition {partition}: the log has partitions 0 to {max(log.offsets)}")
        heads = latest_heads(ask, log.offsets if partition is None else (partition,))
        return published(heads, cluster_id, log.topic, key)
