"""Every forged combination of token, signature and publisher_id is refused and recorded, and none is on the log."""

import http.client
from contextlib import closing

import pytest

from dompet.schemas.wire import decode
from dompet.streams.publishers.topic import write_publisher
from tests.support.figures import figures
from tests.support.forged import FORGED, Cast, cast_of
from tests.support.gateway import LINES, Gateway, publisher, review, signature, until_taken


@pytest.fixture(scope="module")
def cast(gateway: Gateway) -> Cast:
    return cast_of(gateway)


@pytest.mark.parametrize("way", FORGED)
def test_what_is_forged_is_refused_recorded_and_not_on_the_log(cast: Cast, way: str) -> None:
    ask, status, reason = FORGED[way]
    before = refused(cast.gateway, reason)
    answer = ask(cast, f"forged-{way}")
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert refused(cast.gateway, reason) == before + 1
    assert "www-authenticate" in answer.headers or status != 401


def refused(gateway: Gateway, reason: str) -> float:
    return figures(gateway.metrics_port).of("dompet_gateway_refused_total", reason=reason) or 0


def test_after_all_that_nothing_forged_is_on_the_log_and_no_token_in_a_line(cast: Cast) -> None:
    assert not [one for one in cast.gateway.records() if str(decode(one[1])[1]["event_id"]).startswith("forged-")]
    said = cast.gateway.said.read_text()
    assert "refused (" in said
    assert cast.token not in said and cast.old_token not in said


@pytest.mark.parametrize("kind", ["Ed25519", "RSA"])
def test_a_signed_request_is_taken_once(cast: Cast, kind: str) -> None:
    private, name = (cast.edwards, cast.edwards_id) if kind == "Ed25519" else (cast.rsa, cast.rsa_id)
    body = cast.lines(name, f"signed-{kind}")
    headers = {"Content-Type": LINES, **signature(private, body, name, "/v1/events?dry_run=0")}
    first = cast.gateway.ask("POST", "/v1/events?dry_run=0", body, headers)
    assert (first.status, first.json["stored"]) == (200, 1)
    again = cast.gateway.ask("POST", "/v1/events?dry_run=0", body, headers)
    assert (again.status, "taken before" in again.json["detail"]) == (401, True)


def test_a_signature_may_name_a_token_of_its_publisher(cast: Cast) -> None:
    body = cast.lines(cast.edwards_id, "signed-with-token")
    answer = cast.gateway.signed(cast.edwards, body, cast.edwards_id, token=cast.edwards_token)
    assert (answer.status, answer.json["stored"]) == (200, 1)


def test_a_header_of_who_calls_that_is_there_twice_is_refused(cast: Cast) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", cast.gateway.port, timeout=60)) as connection:
        connection.putrequest("POST", "/v1/events")
        for token in (cast.token, cast.other_token):
            connection.putheader("Authorization", f"Bearer {token}")
        connection.putheader("Content-Type", LINES)
        connection.putheader("Content-Length", "2")
        connection.endheaders(b"{}")
        assert connection.getresponse().status == 400


def test_suspension_ends_what_is_taken_within_seconds_and_resuming_begins_it_again(cast: Cast) -> None:
    entry, token = publisher(cast.gateway.settings)
    until_taken(cast.gateway, token)
    statuses = []
    for suspended in (True, False):
        write_publisher(cast.gateway.settings, entry.changed("tester", suspended=suspended))
        for _ in range(600):
            answer = cast.gateway.send(review(entry.publisher_id), token=token)
            if (answer.status == 403) is suspended:
                break
        statuses.append(answer.status)
    assert statuses == [403, 200]
