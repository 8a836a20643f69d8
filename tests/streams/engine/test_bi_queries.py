"""BI tools find their way: every query that they were seen to send is answered, and what would write is refused with
a sentence.
"""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.engines import EngineProcess

_RECORDED: Final = Path(__file__).with_name("bi_queries.toml")
QUERIES: Final[list[dict[str, Any]]] = tomllib.loads(_RECORDED.read_text("utf-8"))["query"]
TOOLS: Final = ("Grafana", "Metabase", "Superset", "DBeaver")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query['tool']}: {query['purpose']}")
def test_a_query_of_a_bi_tool_is_answered_or_refused_with_a_sentence(
    shared_engine: EngineProcess, query: dict[str, Any]
) -> None:
    parameters = {"default_format": "JSONCompact", **query.get("parameters", {})}
    if "refused" not in query:
        answer = shared_engine.ask(query["sql"], parameters=parameters)
        assert (answer.status, "X-ClickHouse-Exception-Code" in answer.headers) == (200, False)
        return
    answer = shared_engine.ask(query["sql"], parameters={**parameters, "compress": "0"})
    assert (answer.status, query["refused"] in answer.text) == (403, True), answer.text


def test_each_tool_lists_the_views_and_their_columns(shared_engine: EngineProcess) -> None:
    """Whatever way a tool asks, it learns of the view `orders` and of its column `purchased_at`."""
    for tool in TOOLS:
        answers = [
            shared_engine.ask(query["sql"].removesuffix("FORMAT Native"), default_format="TSVRaw").text
            for query in QUERIES
            if query["tool"].startswith(tool) and "refused" not in query
        ]
        assert len(answers) > 8
        assert sum("orders" in answer for answer in answers) >= 2, tool
        assert any("purchased_at" in answer for answer in answers), tool
