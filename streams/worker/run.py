"""A worker in this process: the Faust application, until it is stopped or has reached the log's end."""

from collections.abc import Callable

from dompet.streams.settings import Settings


def load_worker() -> None:
    """Load what a worker needs: Faust takes most of a second, and the compiled loops half of one."""
    from dompet.streams.pipeline.warming import warm_up
    from dompet.streams.worker import application  # noqa: F401

    warm_up()


def run_worker(
    settings: Settings,
    *,
    until_end: bool = False,
    group_moved: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Fold until stopped; `until_end`: to the log's end as it is now. Returns the exit code: 0, or 1 with the reason
    printed as one sentence.

    `group_moved`: the group fed another warehouse before. `progress` receives how many records are stored, and how many
    there will be. Raises DompetError where a setting is wrong or a server away, before anything starts;
    KeyboardInterrupt where Ctrl-C stopped a run that was to reach the end, even one that had just reached it.
    """
    from dompet.streams.worker.application import create_app
    from dompet.streams.worker.faust_parts import Worker

    app = create_app(settings, group_moved=group_moved)
    app.bounded = until_end
    app.on_progress = progress
    app.pipeline.open()
    worker = Worker(app, quiet=True, logging_config=app.conf.logging_config)
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        if until_end and worker.interrupted:
            raise KeyboardInterrupt from None
        return end.code if isinstance(end.code, int) else int(bool(end.code))
