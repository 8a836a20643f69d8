"""Figures are declared once, in a form that Prometheus takes; the page lists them, and a taken port stops nobody."""

import http.client
import logging
import re
import socket
from contextlib import closing

import pytest

from dompet.infra.ports import free_port
from dompet.streams.metrics.declaration import FAMILIES, Kind, Part, families_of
from dompet.streams.metrics.exposition import Exposition
from dompet.streams.metrics.listening import figures_at
from dompet.streams.metrics.recording import Times
from tests.support.figures import figures, figures_where
from tests.support.metrics_page import PAGE, with_tables

_NOTHING = {name: lambda: None for name in families_of(Part.SERVE)}


def test_the_page_has_the_figures_as_they_are_declared() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_tables(page), "`python -m tests.support.metrics_page` writes it"


def test_names_are_as_prometheus_asks_and_none_is_there_twice() -> None:
    names = [one.name for one in FAMILIES]
    assert len(set(names)) == len(names)
    for one in FAMILIES:
        assert re.fullmatch(r"dompet_[a-z_]+[a-z]", one.name)
        assert one.name.endswith("_total") == (one.kind is Kind.COUNTER)
        assert bool(one.buckets) == (one.kind is Kind.HISTOGRAM)
        assert list(one.buckets) == sorted(set(one.buckets))
        assert one.about.endswith(".")
        known = {"partition", "outcome", "step", "reason", "of", "kind", "route", "method", "code", "publisher"}
        assert set(one.labels) <= known


def test_what_the_page_asks_of_prometheus_is_declared() -> None:
    named = set(re.findall(r"\bdompet_[a-z_]+\b", PAGE.read_text("utf-8")))
    assert named <= {one.name for one in FAMILIES}


def test_a_process_whose_readers_are_not_its_families_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dompet_request_seconds$"):
        Exposition(Part.SERVE, {name: read for name, read in _NOTHING.items() if name != "dompet_request_seconds"})


def test_a_histogram_counts_each_time_once_in_the_bucket_that_it_fits() -> None:
    times = Times((0.1, 1.0))
    for seconds in (0.1, 0.05, 1.0, 1.5):
        times.add(seconds)
    assert list(times.cumulative()) == [("0.1", 2), ("1.0", 3), ("+Inf", 4)]
    assert times.count == 4
    assert times.sum_s == pytest.approx(2.65)
    port = free_port()
    readers = {**_NOTHING, "dompet_request_seconds": lambda: {("/x",): times}}
    with figures_at(port, Part.SERVE, readers):
        found = figures_where(port, lambda _: True)
    found.assert_declared(Part.SERVE)
    assert found.of("dompet_request_seconds_bucket", route="/x", le="1.0") == 3
    assert found.of("dompet_request_seconds_count", route="/x") == 4


def test_a_taken_port_is_one_sentence_and_the_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port, done = taken.getsockname()[1], False
        with caplog.at_level(logging.INFO), figures_at(port, Part.SERVE, _NOTHING):
            done = True
    assert done
    [record] = caplog.records
    assert (record.levelname, record.name) == ("WARNING", "dompet.metrics")
    assert record.getMessage() == (
        f"nothing can listen at 127.0.0.1:{port} (Address already in use): there are no figures for Prometheus; "
        "choose another port by --serve-metrics-port"
    )


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("localhost", "/metrics", 200),
        ("[::1]:9", "/metrics?name[]=x", 200),
        ("evil.example", "/metrics", 403),
        ("localhost", "/", 404),
    ],
)
def test_figures_are_for_this_machine_alone_and_at_one_address(host: str, path: str, status: int) -> None:
    port = free_port()
    with figures_at(port, Part.SERVE, _NOTHING):
        figures_where(port, lambda _: True)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("GET", path, headers={"Host": host})
            assert connection.getresponse().status == status
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
    with pytest.raises(OSError, match="refused"):
        figures(port)
