"""What goes wrong in other rooms is said in the reader's language: its sentences are known by their form."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from dompet.schemas.errors import DompetError
from dompet.streams.settlement.period import Period
from dompet.streams.web.show.faults import FAULTS, fault
from dompet.streams.web.show.language import language

_STREAMS = Path(__file__).parents[4] / "streams"
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


@cache
def _raised() -> str:
    """All texts of the code, with a mark for each expression in them."""
    texts = []
    for path in sorted(_STREAMS.rglob("*.py")):
        if path.stem == "faults" and path.parent.name == "show":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(str(one.value) if isinstance(one, ast.Constant) else "\0" for one in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


@pytest.mark.parametrize("form", FAULTS)
def test_every_form_is_one_of_a_sentence_that_is_raised(form: str) -> None:
    piece = max(_PLACEHOLDER.split(form), key=len).strip(": ")
    assert piece in _raised()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2020-13-01", "2020-12-31", "Hari pertama adalah '2020-13-01': harus berupa hari antara 2000-01-01"),
        ("2020-05-01", "2020-04-30", "Hari pertama, 2020-05-01, sesudah hari terakhir, 2020-04-30."),
    ],
)
def test_a_sentence_keeps_what_it_names(first: str, last: str, said: str) -> None:
    with pytest.raises(DompetError) as raised:
        Period.parsed(first, last)
    text, code = fault(language("id"), str(raised.value))
    assert text.startswith(said)
    assert code == "id"


def test_a_sentence_of_no_known_form_stays_english_and_says_so() -> None:
    assert fault(language("id"), "something else") == ("something else", "en")
