"""What people can ask has a place in the documentation: each public view and each command is named by some page."""

import re
from pathlib import Path

import pytest

from dompet.streams import commands
from dompet.streams.command_line.files import CommandFiles

ROOT = Path(__file__).parents[1]
PAGES = "\n".join(page.read_text("utf-8") for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
VIEWS = sorted(file.stem for file in (ROOT / "infra" / "views").glob("*.sql"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_public_view_is_named_by_a_page(view: str) -> None:
    assert re.search(rf"\b{view}\b", PAGES), f"no page of docs/ names the view {view}: see docs/changing.md, A question"


@pytest.mark.parametrize("command", list(CommandFiles(commands)))
def test_every_command_is_named_by_a_page(command: str) -> None:
    assert f"dompet {command}" in PAGES, f"no page names `dompet {command}`: see docs/changing.md, A question"
