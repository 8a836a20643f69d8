"""The API as programs use it: pages by cursor, ETags, places of the log, faults as problem details; and its own
description, which schemathesis takes at its word.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dompet.streams.web.api.openapi import described
from dompet.streams.web.app import ROUTES
from tests.support.warehouses import empty_warehouse
from tests.support.web import Served, filled, served

pytestmark = pytest.mark.server

_BEYOND_A_DESCRIPTION: Any = [positive_data_acceptance]
"""A day that is none and a cursor that no answer gave fit any schema, and are refused."""


def _without_waiting() -> dict[str, Any]:
    """The description without the parameters that make an answer late, or say that it is not there yet."""
    document = described()
    for path in document["paths"].values():
        left = [one for one in path["get"]["parameters"] if one["name"] not in ("wait", "min_position")]
        path["get"]["parameters"] = left
    return document


SCHEMA: Any = schemathesis.openapi.from_dict(_without_waiting())


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        empty_warehouse("embedded", "") as url,
        served(filled(url, tmp_path_factory.mktemp("home"))) as one,
    ):
        yield one


@SCHEMA.parametrize()
@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_the_description_holds(case: Any, api: Served) -> None:
    case.call_and_validate(base_url=api.url, excluded_checks=_BEYOND_A_DESCRIPTION, timeout=60)


def test_every_route_of_the_api_is_described() -> None:
    routes = {page.path for page in ROUTES if page.path.startswith("/api/v1/")} - {"/api/v1/openapi.json"}
    assert routes == set(described()["paths"])


def test_cursors_lead_through_all_rows_once(api: Served) -> None:
    whole = api.get("/api/v1/events", {"limit": "10000"}).json["rows"]
    found: list[dict[str, Any]] = []
    given = {"limit": str(len(whole) // 3)}
    while True:
        page = api.get("/api/v1/events", given).json
        found += page["rows"]
        if page["next"] is None:
            break
        given["cursor"] = page["next"]
    assert found == whole


def test_an_answer_that_did_not_change_is_not_sent_again(api: Served) -> None:
    first = api.get("/api/v1/waves")
    tag = first.headers["etag"]
    again = api.get("/api/v1/waves", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    assert api.get("/api/v1/waves", {"limit": "1"}, If_None_Match=tag).status == 200


def test_a_publisher_waits_for_its_own_writing(api: Served) -> None:
    upto = api.get("/api/v1/position").json["next_offsets"]
    partition, end = next(iter(upto.items()))
    known = {"min_position": f"{partition}:{end - 1}", "wait": "5s"}
    assert api.get("/api/v1/waves", known).status == 200
    late = api.get("/api/v1/waves", {"min_position": f"{partition}:{end}", "wait": "0s"})
    assert (late.status, late.headers["retry-after"]) == (503, "2")
    assert f"partition {partition} is at {end}" in late.json["detail"]


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/api/v1/waves?x=1", 400, "there is no parameter 'x' here"),
        ("/api/v1/waves?wave=1&wave=2", 400, "the parameter wave is given more than once"),
        ("/api/v1/waves?wave=", 400, "wave is '': it must be left out"),
        ("/api/v1/waves?wave=soon", 400, "wave is 'soon': it must be a whole number"),
        ("/api/v1/waves?limit=0", 400, "limit is '0'"),
        ("/api/v1/waves?cursor=x", 400, "the cursor is none that an answer gave"),
        ("/api/v1/timeline", 400, "the parameter person is needed"),
        ("/api/v1/person?person=nobody", 404, "no event of this person is known"),
        ("/api/v1/event?place=0:99999999", 404, "no event is known at this place"),
        ("/api/v1/waves?min_position=x", 400, "min_position is 'x'"),
        ("/api/v1/nothing", 404, "there is nothing at /api/v1/nothing"),
    ],
)
def test_what_does_not_hold_is_reported_as_problem_details(api: Served, path: str, status: int, detail: str) -> None:
    answer = api.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.json["status"]) == (status, status)
    assert detail in answer.json["detail"]


def test_a_form_that_there_is_not_is_406(api: Served) -> None:
    assert api.get("/api/v1/waves", Accept="image/png").status == 406


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless_in_csv() -> None:
    import pyarrow as pa

    from dompet.streams.web.api.forms import as_csv

    table = pa.table({"name": ["=1+1", "-2", "@x", "plain", None]})
    assert as_csv(table).decode().splitlines() == ['"name"', '"\'=1+1"', '"\'-2"', '"\'@x"', '"plain"', ""]
