"""Commands by their files: a file is a command, a folder one of two words; both take settings as they are declared."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from dompet.streams import commands
from dompet.streams.command_line.files import CommandFiles, app_of

FILE = '''
"""A command."""
from dompet.streams.command_line.taking import with_settings
PLACE = {place}

@with_settings("group")
def {name}(settings, times: int = 1):
    """Say the group.

    As often as
    is wanted.
    """
    print(settings.group * times)
    return 3
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A folder of commands: `say`, `import`, and `two-words say`; `helping` is none."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "toy_commands"
    (folder / "two_words").mkdir(parents=True)
    (folder / "__init__.py").write_text('PANELS = ("First", "Last")\nSHARED = ("helping",)')
    (folder / "helping.py").write_text("raise RuntimeError")
    (folder / "import_.py").write_text(FILE.format(name="import_", place=("Last", 1)))
    (folder / "say.py").write_text(FILE.format(name="say", place=("First", 2)))
    (folder / "two_words/__init__.py").write_text('"""Two words."""\nPLACE = ("First", 1)')
    (folder / "two_words/say.py").write_text(FILE.format(name="say", place=("Commands", 1)))
    yield importlib.import_module("toy_commands")
    for name in [name for name in sys.modules if name.split(".")[0] == "toy_commands"]:
        del sys.modules[name]


def run(package: ModuleType, *arguments: str) -> object:
    """The exit code."""
    return app_of("toy", package, lambda: None)(list(arguments), standalone_mode=False)


def test_the_files_are_the_commands_in_the_order_of_their_places(package: ModuleType) -> None:
    assert list(CommandFiles(package)) == ["two-words", "say", "import"]


def test_a_help_page_lists_the_first_paragraph_of_each(package: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    run(package, "--help")
    page = capsys.readouterr().out
    assert "│ import     Say the group." in page
    assert "│ two-words  Two words." in page
    run(package, "say", "--help")
    assert "As often as is wanted." in capsys.readouterr().out


@pytest.mark.parametrize("words", [["say"], ["import"], ["two-words", "say"]])
def test_a_command_has_its_settings_and_its_own_flags(
    package: ModuleType, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(package, *words, "--times", "2", "--group", "g") == 3
    assert run(package, *words) == 3
    assert capsys.readouterr().out == "gg\ndompet\n"


def test_a_setting_that_is_wrong_is_one_sentence(package: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(package, "say", "--group", "a/b") == 2
    assert capsys.readouterr().err.startswith("dompet: --group is 'a/b': it must be 1 to 200 letters")


def test_every_command_of_dompet_is_in_a_panel_that_the_help_page_has() -> None:
    listed = CommandFiles(commands)
    assert {listed[name].rich_help_panel for name in listed} == set(commands.PANELS)
