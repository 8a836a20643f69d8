"""Every sentence and word that pages show, as the code and the templates have them: what a language must have."""

import ast
import re
from pathlib import Path

from dompet.streams.answers.filters import PARAMETERS, FilterError
from dompet.streams.web.core.clocks import MUSTS
from dompet.streams.web.core.labels import LABELS, MENU
from dompet.streams.web.core.questions import QUESTIONS
from dompet.streams.web.pages.lists import TITLES
from dompet.streams.web.pages.sheets import BEYOND, LATE
from dompet.streams.web.show.faults import FAULTS
from dompet.streams.web.show.language import UNITS
from dompet.streams.web.show.words import HEADINGS, REASONS, WORDS

WEB = Path(__file__).parents[2] / "streams" / "web"
_IN_TEMPLATES = re.compile(r"\b_\(\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
_SHOWN_FIELDS = ("title", "about", "empty", "lead")


def messages() -> set[str]:
    """All of them, in English."""
    declared = [
        *HEADINGS.values(),
        *WORDS.values(),
        *REASONS.values(),
        *LABELS.values(),
        *TITLES.values(),
        *FAULTS.values(),
        LATE,
        BEYOND,
    ]
    declared += ["Choose one of the list.", *(unit for _, unit in UNITS), *_musts()]
    declared += [name for _, name, _ in MENU] + [question.says for question in QUESTIONS.values()]
    templates = [
        text for path in sorted(WEB.rglob("*.html")) for text in _IN_TEMPLATES.findall(path.read_text("utf-8"))
    ]
    code = [text for path in sorted(WEB.rglob("*.py")) for text in _in_code(ast.parse(path.read_text("utf-8")))]
    return {text for text in [*declared, *map(ast.literal_eval, templates), *code] if text}


def _musts() -> set[str]:
    """What is said of filters that cannot be."""
    found = {f"It must be {must}." for must in MUSTS}
    for name, parameter in PARAMETERS.items():
        try:
            parameter.read(name, "\x00")
        except FilterError as error:
            found |= set() if parameter.choices else {f"It must be {error.must}."}
    return found


def _in_code(tree: ast.AST) -> list[str]:
    """What is given to `.text(…)`, and what panels and sheets say."""
    found: list[ast.expr] = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "text":
            found += call.args[:1]
        elif name in ("Wanted", "Sheet"):
            found += call.args[1:3] if name == "Wanted" else call.args[:2]
            found += [one.value for one in call.keywords if one.arg in _SHOWN_FIELDS]
    return [one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)]
