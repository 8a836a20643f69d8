"""The parts of Faust that the worker replaces are the ones that it was written for."""

import mode
import pytest

from dompet.streams.worker.faust_parts import OtherFaust, check_overrides


def test_the_installed_faust_is_the_one_that_the_worker_was_written_for() -> None:
    check_overrides()


def test_a_faust_without_a_method_that_is_overridden_is_refused_in_one_sentence() -> None:
    class Newer(mode.Service):
        def _schedule_shutdown(self, signal: object) -> None:
            """As it was."""

    with pytest.raises(
        OtherFaust, match=r"^mode-streaming \S+ has no Newer._sentinel_task\(self\), which dompet's wor"
    ):
        check_overrides(Newer)


def test_a_faust_whose_method_takes_other_arguments_is_refused_in_one_sentence() -> None:
    class Newer(mode.Worker):
        def _schedule_shutdown(self, signal: object, *, now: bool = False) -> None:
            """Takes more than it did."""

    with pytest.raises(OtherFaust, match=r"has no Newer._schedule_shutdown\(self, signal\)"):
        check_overrides(Newer)
