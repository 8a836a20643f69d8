"""Every setting's one home: its default and bounds, its flag's metavar, what it is for, and what its value must be.

Flags, their help, the variables' names and the README's table are made from here.
"""

from dataclasses import dataclass, field, fields
from pathlib import Path

from dompet.streams.settings.declaring import Declared, declared, setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Declaration:
    """The fields of Settings."""

    config: Path | None = setting(None, "FILE", "Settings in TOML", "a TOML file", shown="dompet.toml, if it is there")
    home: Path = setting(Path(".dompet"), "FOLDER", "Local data", "a folder for local data")
    kafka: str | None = setting(
        None,
        "HOST:PORT",
        "Bootstrap servers",
        "host:port, or several with commas between them",
        shown="the home's own Kafka",
    )
    kafka_config: dict[str, str] = field(default_factory=dict, metadata={"must": "settings of librdkafka"})
    warehouse: str = setting(
        "",
        "URL",
        "`chdb:///folder` or `clickhouse://user:password@host:9000/database`, with `?secure=1` for TLS",
        "a warehouse's URL",
        shown="chdb://<home>/warehouse",
    )
    log_topic: str = setting("dompet.events", "NAME", "The log; its dead letters go to `<log>-dlq`", "a topic's name")
    rules: Path | None = setting(
        None,
        "FILE",
        "Rules by date; a journal goes on under its own rules, or with a later period added",
        "a file of rules",
        shown="the programme's own",
    )
    chain_key: Path | None = setting(
        None,
        "FILE",
        "Signs the heads that `dompet chain head` prints: a private key of Ed25519 in PEM",
        "a PEM file with a private key of Ed25519",
        pages=("proof",),
    )
    group: str = setting(
        "dompet",
        "NAME",
        "The workers' consumer group",
        "1 to 200 letters, digits, '.', '_' and '-'",
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
    )
    accept_topic_settings: bool = setting(
        False,
        "",
        "Work on topics whose settings make the journal wrong, such as a log that expires; never for a sweep",
        "true or false",
        shown="no",
        pages=("operating",),
    )
    web_port: int = setting(
        6066, "PORT", "The worker's pages, on loopback", "a port from {ge} to {le}", ge=1, le=65_535
    )
    worker_metrics_port: int = setting(
        9464,
        "PORT",
        "A worker's figures for Prometheus, on loopback; 0: nowhere",
        "a port from 1 to {le}, or {ge} for none",
        pages=("metrics",),
        ge=0,
        le=65_535,
    )
    engine_metrics_port: int = setting(
        9465,
        "PORT",
        "The engine's figures for Prometheus, on loopback; 0: nowhere",
        "a port from 1 to {le}, or {ge} for none",
        pages=("metrics",),
        ge=0,
        le=65_535,
    )
    serve_metrics_port: int = setting(
        9466,
        "PORT",
        "The pages' figures for Prometheus, on loopback; 0: nowhere",
        "a port from 1 to {le}, or {ge} for none",
        pages=("metrics",),
        ge=0,
        le=65_535,
    )
    gateway_metrics_port: int = setting(
        9467,
        "PORT",
        "A gateway's figures for Prometheus, on loopback; 0: nowhere",
        "a port from 1 to {le}, or {ge} for none",
        pages=("metrics",),
        ge=0,
        le=65_535,
    )
    router_metrics_port: int = setting(
        9468,
        "PORT",
        "A router's figures for Prometheus, on loopback; 0: nowhere",
        "a port from 1 to {le}, or {ge} for none",
        pages=("metrics",),
        ge=0,
        le=65_535,
    )
    log_format: str = setting(
        "lines",
        "FORMAT",
        "What is written to stderr: `lines` for people, or `json`, an object a line",
        "lines or json",
        pages=("operating",),
        pattern=r"^(lines|json)$",
    )
    serve_host: str = setting(
        "127.0.0.1",
        "HOST",
        "Where the pages and the API are served; beyond this machine it takes entries (`dompet access add`)",
        "an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        pages=("pages",),
        pattern=r"^[A-Za-z0-9.:-]{1,253}$",
    )
    serve_port: int = setting(8080, "PORT", "Their port", "a port from {ge} to {le}", pages=("pages",), ge=1, le=65_535)
    serve_names: str = setting(
        "",
        "NAMES",
        "The names under which browsers reach them beside localhost, with commas between them",
        "host names with commas between them",
        pages=("pages",),
        pattern=r"^([A-Za-z0-9.-]{1,253}(,[A-Za-z0-9.-]{1,253})*)?$",
    )
    serve_proxy_header: str = setting(
        "",
        "HEADER",
        "The header in which a trusted proxy names who signed in there; nobody else may reach them then",
        "the name of an HTTP header",
        pages=("pages",),
        pattern=r"^([A-Za-z][A-Za-z0-9-]{0,63})?$",
    )
    gateway_host: str = setting(
        "127.0.0.1",
        "HOST",
        "Where events are taken in over HTTP; beyond this machine it takes publishers (`dompet publishers add`)",
        "an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        pages=("publishing",),
        pattern=r"^[A-Za-z0-9.:-]{1,253}$",
    )
    gateway_port: int = setting(
        8090, "PORT", "Its port", "a port from {ge} to {le}", pages=("publishing",), ge=1, le=65_535
    )
    gateway_body_mb: int = setting(
        16,
        "N",
        "The longest body of a request to it, in megabytes, before and after it is unpacked",
        "a number of megabytes from {ge} to {le}",
        pages=("publishing",),
        ge=1,
        le=64,
    )
    stall_seconds: float = setting(
        60,
        "N",
        "A worker ends with exit code 1 where records wait and none is stored for so long",
        "a number of seconds from {ge} to {le}",
        ge=1,
        le=86_400,
    )
    outage_seconds: float = setting(
        900,
        "N",
        "How long to wait for a server that is away; 0: for ever",
        "a number of seconds up to {le}, or {ge} for ever",
        pages=("operating", "faults"),
        ge=0,
        le=604_800,
    )
    progress_seconds: float = setting(
        60,
        "N",
        "How often a worker that has work says how far it is; 0: never",
        "a number of seconds up to {le}, or {ge} for never",
        pages=("operating",),
        ge=0,
        le=86_400,
    )
    batch: int = setting(
        100_000,
        "N",
        "The most records folded at a time",
        "a number of records from {ge} to {le}",
        ge=1,
        le=1_000_000,
    )
    batch_bytes: int = setting(
        33_554_432,
        "N",
        "About the most bytes of their keys and values",
        "a number of bytes from {ge} to {le}",
        pages=("operating",),
        ge=1_048_576,
        le=1_073_741_824,
    )

    dead_share: float = setting(
        0.2,
        "S",
        "A worker stops where more than this share of a partition's window are dead letters; 1: never",
        "a share above {gt}, up to {le} for no limit",
        pages=("dead-letters",),
        gt=0,
        le=1,
    )
    dead_window: int = setting(
        10_000, "N", "That window's length in records", "a number of records from {ge} to {le}", ge=1, le=10_000_000
    )
    accept_dead_until: str = setting(
        "",
        "P:OFFSET",
        "Take partition P's dead letters up to OFFSET, however many, as the worker's last sentence says",
        "PARTITION:OFFSET, or several with commas between them",
        pattern=r"^([0-9]{1,9}:[0-9]{1,18}(,[0-9]{1,9}:[0-9]{1,18})*)?$",
    )

    sweep_seconds: float = setting(
        0,
        "N",
        "A worker revokes wallets past a deadline every N seconds, by publishing `SaldoRevoked`; 0: never",
        "a number of seconds up to {le}, or {ge} for never",
        ge=0,
        le=86_400,
    )
    sweep_grace_seconds: float = setting(
        3_600,
        "N",
        "How long a deadline must be past by the log's newest record before it does",
        "a number of seconds up to {le}",
        ge=0,
        le=31_536_000,
    )
    time_zone: str = setting(
        "Asia/Jakarta",
        "ZONE",
        "The zone of the times that tables show; days are always those of Asia/Jakarta",
        "a time zone such as Asia/Jakarta or +07:00",
    )

    router_group: str = setting(
        "dompet-router",
        "NAME",
        "The routers' consumer group, whose offsets say how far each inbox is on the log",
        "1 to 200 letters, digits, '.', '_' and '-'",
        pages=("router",),
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
    )
    router_publishers: str = setting(
        "",
        "NAMES",
        "Route these publishers' inboxes alone, with commas between them",
        "publishers' ids with commas between them",
        shown="all",
        pages=("router",),
        pattern=r"^([A-Za-z0-9._-]{1,64}(,[A-Za-z0-9._-]{1,64})*)?$",
    )
    router_lease_seconds: float = setting(
        16,
        "N",
        "How long a router may take to have records acknowledged; its successor waits so long after it was killed",
        "a number of seconds from {ge} to {le}",
        pages=("router",),
        ge=2,
        le=300,
    )

    engine_port: int = setting(
        8123,
        "PORT",
        "Where the engine answers guests as ClickHouse's HTTP interface does, on loopback; 0: nowhere",
        "a port from 1 to {le}, or {ge} for none",
        pages=("engine",),
        ge=0,
        le=65_535,
    )
    in_front_of: str = setting(
        "",
        "URL",
        "A ClickHouse server whose guests `dompet engine` answers: `clickhouse://user:password@host:9000/database`",
        "a ClickHouse server's URL",
        pages=("engine",),
    )
    engine_seconds: float = setting(
        60, "N", "The longest that a guest's query may run", "a number of seconds from {ge} to {le}", ge=1, le=86_400
    )
    engine_memory_mb: int = setting(
        1_000,
        "N",
        "The most memory that a guest's query may take, in megabytes",
        "a number of megabytes from {ge} to {le}",
        ge=10,
        le=1_000_000,
    )
    engine_rows: int = setting(
        10_000_000,
        "N",
        "The most rows that a guest is answered",
        "a number of rows from {ge} to {le}",
        ge=1,
        le=10**15,
    )
    engine_sent_mb: int = setting(
        4_000,
        "N",
        "The longest answer that a guest is sent, in megabytes before it is packed",
        "a number of megabytes from {ge} to {le}",
        ge=1,
        le=10**9,
    )
    engine_queries: int = setting(
        4,
        "N",
        "The most queries of guests that run at the same time; half of them, rounded up, may take longer than a second",
        "a number from {ge} to {le}",
        ge=1,
        le=1_000,
    )
    engine_queries_a_user: int = setting(
        3,
        "N",
        "The most of them that one user has running; half of these, rounded up, may be long, too",
        "a number from {ge} to {le}",
        ge=1,
        le=1_000,
    )
    engine_waiting: int = setting(
        100,
        "N",
        "The most queries of guests that wait for their turn; further ones are refused as busy",
        "a number from {ge} to {le}",
        ge=0,
        le=100_000,
    )


def declared_settings() -> dict[str, Declared]:
    """Every setting that a flag, a variable or a line can give, in the order of their declaration."""
    return {one.name: declared(one) for one in fields(Declaration) if one.name != "kafka_config"}
