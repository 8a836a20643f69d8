"""Events in columns have the results of the same events one by one, whatever is between them."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dompet.streams.gateway.arrays import lines_of_array
from dompet.streams.gateway.brought import EventColumns
from dompet.streams.gateway.inputs import inputs_of_lines
from tests.support.gateway import LINES, Gateway, review

Toko = tuple[str, str]
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PERSONS = st.sampled_from(["b-1", "b-2", "wörld", "b" * 64, "3174012345678901", "", "b\x01"])
NAMES = st.one_of(
    st.sampled_from(["e-1", 'q"uote', "back\\slash", "ü", "\x7f", "e" * 64, "e" * 65, ""]), st.text(max_size=70)
)
CHANGES = st.sampled_from(
    [{}, {}, {}, {"publisher_id": "ruangguru"}, {"rating": 4.5}, {"rating": 9**20}, {"occurred_at": "2020-04-11"},
     {"type": "CourseReview"}, {"price": 1}, {"order_id": "\ud800"}, {"order_id": ["x"]},
     {"occurred_at": 1_586_592_000_000_000}]
)  # fmt: skip
EVENTS = st.builds(
    lambda change, **more: {**review("mine", **more), **change}, CHANGES, beneficiary_id=PERSONS, event_id=NAMES
)


def results(gateway: Gateway, body: bytes, token: str, form: str) -> list[dict[str, Any]]:
    return list(gateway.post(body, token, form).json["results"])


def verdict(result: dict[str, Any]) -> tuple[Any, ...]:
    """All of a result but the offset, which no two records share."""
    return tuple(result[name] for name in ("event_id", "result", "partition", "reason"))


def padded(lines: list[bytes], good: bytes) -> list[bytes]:
    """Enough lines for columns."""
    return [*lines, *[good] * (1 + 2_048 // len(good))]


@FEW
@given(events=st.lists(EVENTS, min_size=1, max_size=6), indent=st.sampled_from([None, 1]))
def test_lines_and_arrays_have_the_results_of_each_event_alone(
    gateway: Gateway, toko: Toko, events: list[dict[str, Any]], indent: int | None
) -> None:
    own, token = toko
    told = [one | {"publisher_id": own} if one["publisher_id"] == "mine" else one for one in events]
    lines = [json.dumps(one).encode() for one in told]
    good = json.dumps(review(own)).encode()
    alone = [verdict(results(gateway, line, token, LINES)[0]) for line in [*lines, good]]
    many = padded(lines, good)
    array = json.dumps([json.loads(one) for one in many], indent=indent).encode()
    for body, form in ((b"\n".join(many), LINES), (array, "application/json")):
        found = list(map(verdict, results(gateway, body, token, form)))
        assert found[: len(lines)] == alone[:-1], form
        assert found[len(lines) :] == [alone[-1]] * (len(many) - len(lines))


BROKEN = [b"{", b"7", b"null", b'{"type": "x"', b"\xff", b'{"type": NaN}', b"[{}]", b'"x"', b"{}{}", b'{"a": {"b": 1}}']


def test_lines_that_are_no_json_have_the_results_of_each_line_alone(gateway: Gateway, toko: Toko) -> None:
    alone = [verdict(results(gateway, line, toko[1], LINES)[0]) for line in BROKEN]
    many = padded(BROKEN, json.dumps(review(toko[0])).encode())
    assert isinstance(inputs_of_lines(b"\n".join(many)), EventColumns)
    assert list(map(verdict, results(gateway, b"\n".join(many), toko[1], LINES)))[: len(BROKEN)] == alone


NAMES = st.text(alphabet='k"{,', max_size=2)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet='a"\\,[]{}\n ', max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.builds(
    lambda value, indent, cut, end: json.dumps(value, indent=indent)[: -cut or None].encode() + end,
    JSONS,
    indent=st.sampled_from([None, 0, 2]),
    cut=st.integers(0, 3),
    end=st.sampled_from([b"", b",", b"]", b"{}"]),
)
OBJECTS = st.lists(st.dictionaries(NAMES, st.integers() | st.text(max_size=4), max_size=3), min_size=1, max_size=4)


@given(text=TEXTS)
def test_what_is_split_into_lines_is_json_if_each_line_is(text: bytes) -> None:
    lines = lines_of_array(text)
    if lines is not None and (objects := json_of(*lines.split(b"\n"))) is not None:
        assert [objects] == json_of(text)
    elif lines is not None:
        assert json_of(text) is None


@given(objects=OBJECTS, indent=st.sampled_from([None, 0, 2]))
def test_an_array_of_flat_objects_is_split(objects: list[dict[str, Any]], indent: int | None) -> None:
    lines = lines_of_array(json.dumps(objects, indent=indent, ensure_ascii=False).encode())
    assert lines is not None
    assert json_of(*lines.split(b"\n")) == objects


def json_of(*texts: bytes) -> list[Any] | None:
    """What they are; None where one is no JSON."""
    try:
        return [json.loads(one) for one in texts]
    except ValueError:
        return None
