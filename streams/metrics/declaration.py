"""Every figure's one home: its name, kind, labels, unit and help. /metrics is made from what is declared here, and
docs/metrics.md is compared with it.

Labels have few values, all of them known here or from the log's shape: none is an id of a person, an order or an event.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What Prometheus calls a family's type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Part(StrEnum):
    """The process that has a figure."""

    WORKER = "worker"
    ENGINE = "engine"
    SERVE = "serve"
    GATEWAY = "gateway"
    ROUTER = "router"


@dataclass(frozen=True)
class Family:
    """One figure. The name ends with its unit, as Prometheus asks; a counter's also with `_total`."""

    name: str
    kind: Kind
    part: Part
    unit: str
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Of a histogram: the upper bounds of its buckets, but for the last one, which has none."""


STEPS: Final = ("read", "decode", "fold", "insert")
"""What is done with a batch, in order."""

_QUICK: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SLOW: Final = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)

FAMILIES: Final[tuple[Family, ...]] = (
    Family(
        "dompet_lag_records", Kind.GAUGE, Part.WORKER, "records",
        "Records of a partition that are on the log and not in the journal, of the partitions that this worker has.",
        ("partition",),
    ),
    Family(
        "dompet_records_total", Kind.COUNTER, Part.WORKER, "records",
        "Records stored, by how they ended: accepted, duplicate, rejected or dead.", ("outcome",),
    ),
    Family("dompet_batches_total", Kind.COUNTER, Part.WORKER, "batches", "Batches stored."),
    Family(
        "dompet_batch_seconds", Kind.HISTOGRAM, Part.WORKER, "seconds",
        f"How long a step took with a batch: {', '.join(STEPS[:-1])} or {STEPS[-1]}.", ("step",), _QUICK,
    ),
    Family(
        "dompet_rejections_total", Kind.COUNTER, Part.WORKER, "events",
        "Events rejected, by the reason that the journal gives.", ("reason",),
    ),
    Family(
        "dompet_dead_letters_total", Kind.COUNTER, Part.WORKER, "records",
        "Dead letters, by what is wrong with the record.", ("reason",),
    ),
    Family(
        "dompet_state_rows", Kind.GAUGE, Part.WORKER, "rows",
        "What the fold holds in memory: wallets, orders and references.", ("of",),
    ),
    Family("dompet_state_bytes", Kind.GAUGE, Part.WORKER, "bytes", "Memory reserved for it."),
    Family(
        "dompet_recovery_seconds", Kind.HISTOGRAM, Part.WORKER, "seconds",
        "How long it took to have the state of the partitions of an assignment.", buckets=_SLOW,
    ),
    Family(
        "dompet_rebalances_total", Kind.COUNTER, Part.WORKER, "assignments",
        "How often the group gave this worker its partitions.",
    ),
    Family(
        "dompet_outages_total", Kind.COUNTER, Part.WORKER, "outages",
        "How often a server was away, or did not take what it was sent.",
    ),
    Family("dompet_outages_open", Kind.GAUGE, Part.WORKER, "outages", "Of these, how many last now."),
    Family(
        "dompet_checkpoint_age_seconds", Kind.GAUGE, Part.WORKER, "seconds",
        "How long ago a partition's checkpoint was stored; where this worker stored none yet, how long ago it was"
        " assigned the partition. It grows without harm while the lag is 0.",
        ("partition",),
    ),
    Family(
        "dompet_verify_holds", Kind.GAUGE, Part.WORKER, "yes or no",
        "Whether the last `dompet verify` found all that it compared as the log says: 1 or 0.",
    ),
    Family(
        "dompet_verify_differences", Kind.GAUGE, Part.WORKER, "differences", "How many differences it found.",
    ),
    Family(
        "dompet_verify_timestamp_seconds", Kind.GAUGE, Part.WORKER, "seconds",
        "When it ended, in seconds since 1970-01-01 UTC.",
    ),
    Family(
        "dompet_engine_queries_total", Kind.COUNTER, Part.ENGINE, "queries",
        "Queries, by who asked (guest, or own for dompet's processes) and how they ended: answered, failed, refused,"
        " busy (refused because too many ran or waited) or cancelled.",
        ("kind", "outcome"),
    ),
    Family(
        "dompet_engine_query_seconds", Kind.HISTOGRAM, Part.ENGINE, "seconds",
        "From a query's arrival to the end of its answer.", ("kind",), _QUICK,
    ),
    Family(
        "dompet_engine_sent_bytes_total", Kind.COUNTER, Part.ENGINE, "bytes",
        "What queries were answered, before it is packed. Rows that dompet's processes read through a file of theirs"
        " are not counted.",
        ("kind",),
    ),
    Family(
        "dompet_engine_connections_refused_total", Kind.COUNTER, Part.ENGINE, "connections",
        "Connections closed at once because there were too many.",
    ),
    Family("dompet_engine_running_queries", Kind.GAUGE, Part.ENGINE, "queries", "Guests' queries that run now."),
    Family("dompet_engine_queued_queries", Kind.GAUGE, Part.ENGINE, "queries", "Guests' queries that wait to run."),
    Family(
        "dompet_requests_total", Kind.COUNTER, Part.SERVE, "requests",
        "Requests, by the route's template and HTTP's status. The route is `none` where no route is there.",
        ("route", "method", "code"),
    ),
    Family(
        "dompet_request_seconds", Kind.HISTOGRAM, Part.SERVE, "seconds",
        "From a request's arrival to its answer; of live figures, to their first.", ("route",), _QUICK,
    ),
    Family(
        "dompet_gateway_requests_total", Kind.COUNTER, Part.GATEWAY, "requests",
        "Requests, by the route and HTTP's status. All routes of the schema registry are `registry`; where no route is"
        " there it is `none`.",
        ("route", "method", "code"),
    ),
    Family(
        "dompet_gateway_request_seconds", Kind.HISTOGRAM, Part.GATEWAY, "seconds",
        "From a request's head to its answer.", ("route",), _QUICK,
    ),
    Family(
        "dompet_gateway_events_total", Kind.COUNTER, Part.GATEWAY, "events",
        "Events, by their results: stored, valid (of a dry run), invalid, forbidden or retry.", ("outcome",),
    ),
    Family(
        "dompet_gateway_refused_total", Kind.COUNTER, Part.GATEWAY, "refusals",
        "Who or what was not let in, by why: token, signature, clock, replay, suspended, quota, or publisher_id (of an"
        " event).",
        ("reason",),
    ),
    Family(
        "dompet_gateway_waiting_records", Kind.GAUGE, Part.GATEWAY, "records",
        "Records that the broker has not acknowledged yet.",
    ),
    Family(
        "dompet_gateway_connections", Kind.GAUGE, Part.GATEWAY, "connections", "Connections that are open.",
    ),
    Family(
        "dompet_router_lag_records", Kind.GAUGE, Part.ROUTER, "records",
        "Records of a publisher's inbox that are not settled yet, of the partitions that this router has.",
        ("publisher",),
    ),
    Family(
        "dompet_router_records_total", Kind.COUNTER, Part.ROUTER, "records",
        "Records put on the log.", ("publisher",),
    ),
    Family(
        "dompet_router_refused_total", Kind.COUNTER, Part.ROUTER, "records",
        "Records sent to the inbox's dead letters, by what is wrong with them.", ("publisher", "reason"),
    ),
    Family(
        "dompet_router_assignments_total", Kind.COUNTER, Part.ROUTER, "assignments",
        "How often this router took over partitions of inboxes.",
    ),
    Family(
        "dompet_router_found_records_total", Kind.COUNTER, Part.ROUTER, "records",
        "Records that it then found on the log behind what was committed, and did not send again.",
    ),
    Family(
        "dompet_router_outages_open", Kind.GAUGE, Part.ROUTER, "outages", "Servers that are away now.",
    ),
)  # fmt: skip


def families_of(part: Part) -> dict[str, Family]:
    """What a process of this part has, by name."""
    return {one.name: one for one in FAMILIES if one.part is part}
