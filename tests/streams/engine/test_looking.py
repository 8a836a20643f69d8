"""What runs of a setting within a guest's query is the value that was chosen for it, never what was written."""

from typing import Any

import pytest

from dompet.streams.engine.looking import Functions, Look

FILTER = [{"field_type": "Tuple", "value": [{"field_type": "String", "value": "t"}]}]


@pytest.mark.parametrize(
    ("field_type", "written", "chosen", "kept"),
    [
        ("Map", FILTER, "{'t':'n = 1'}", ("String", "{'t':'n = 1'}")),
        ("UInt64", 10**6, "60", ("UInt64", 60)),
        ("Float64", 0.5, "60", ("UInt64", 60)),
        ("Int64", -1, "-1", ("String", "-1")),
        ("Bool", True, "True", ("UInt64", 1)),
        ("Bool", False, "60", ("UInt64", 60)),
        ("String", "7", "7", ("String", "7")),
        ("String", "True", "True", ("String", "True")),
        ("Null", None, "None", ("String", "None")),
    ],
)
def test_a_number_stays_one_and_everything_else_is_the_text_that_was_chosen(
    field_type: str, written: Any, chosen: str, kept: tuple[str, Any]
) -> None:
    change = {"name": "a", "value": {"field_type": field_type, "value": written}}
    tree = {"type": "SelectQuery", "settings": {"type": "SetQuery", "changes": [change]}}
    Look(Functions(frozenset(), frozenset(), ()), lambda name, value: chosen).at(tree)
    [changed] = tree["settings"]["changes"]  # type: ignore[index]
    assert (changed["value"]["field_type"], changed["value"]["value"]) == kept
