"""`dompet gateway`: events in over HTTP."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 4)


@with_settings(
    "gateway_host",
    "gateway_port",
    "gateway_body_mb",
    "gateway_metrics_port",
    "kafka",
    "home",
    "log_topic",
    "log_format",
)
def gateway(settings: "Settings") -> int:
    """Take events in over HTTP until Ctrl-C.

    Publishers, which `dompet publishers add` makes, post them to /v1/events, and are answered once the log has them.
    Several may run side by side; none needs the warehouse.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.commands.local_ports import need_free
    from dompet.streams.gateway.run import run_gateway
    from dompet.streams.terminal.console import note

    host = settings.gateway_host
    need_free(settings.gateway_port, "--gateway-port", host)
    run_gateway(
        with_kafka(settings), lambda port: note(f"events are taken at http://{host}:{port}/v1/events; Ctrl-C stops")
    )
    return 0
