"""TOML that users give: where its items are, and what no person wrote is refused before it takes for ever."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from dompet.schemas.errors import DompetError
from dompet.schemas.rules import read_rules
from dompet.schemas.toml_bounds import BYTES_MAX
from dompet.streams.catalogue.files import read_listings
from dompet.streams.importer.reading import read_mapping as read_import_mapping
from dompet.streams.parsing.toml_lines import lines_of, parsed
from dompet.streams.reconciliation.mapping import read_mapping as read_statement_mapping
from dompet.streams.settings.reading import read_settings

READERS: dict[str, Callable[[Path], object]] = {
    "a mapping of an export": read_import_mapping,
    "a mapping of a statement": read_statement_mapping,
    "settings": lambda path: read_settings(config=path),
    "rules": read_rules,
    "a catalogue": read_listings,
}

HOSTILE = {
    "blanks after a bracket": ("x = 1\n[" + " " * 1_600, 2),
    "a key of 100,000 parts": ("x = 1\n" + ".".join("a" * 100_000) + " = 1", 2),
    "a table of 1,000 parts": ("x = 1\n[" + ".".join("a" * 1_000) + "]", 2),
    "keys within keys": ("x = " + "{a = " * 700 + "1" + "}" * 700, 1),
    "lists within lists": ("x = " + "[" * 3_000 + "]" * 3_000, 1),
    "tables one below another": ("\n".join(f"[{'.'.join('a' * depth)}]" for depth in range(1, 60)), 1),
    "a digit for each byte": ("x = " + "9" * 5_000, 1),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_no_person_wrote_is_one_sentence_with_its_line(tmp_path: Path, reader: str, kind: str) -> None:
    text, line = HOSTILE[kind]
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(DompetError) as refused:
        READERS[reader](path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "a catalogue"])
def test_a_file_that_is_too_long_is_not_read_to_its_end(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text("# a comment\n" * (BYTES_MAX // 12 + 1))
    with pytest.raises(DompetError, match=rf"a\.toml:1: not .*: it has more than {BYTES_MAX} bytes"):
        READERS[reader](path)


def test_the_line_of_each_table_and_key_is_found() -> None:
    text = '[ a . "b" ] # one\nc.d = 1\n\n[[ e ]]\nf = 2\n[[e]]\n  f = 3\n'
    assert parsed(text, "a.toml", "a file", DompetError) == tomllib.loads(text)
    lines = lines_of(text)
    assert lines[("a", "b")] == 1
    assert lines[("a", "b", "c", "d")] == 2
    assert (lines[("e", 0, "f")], lines[("e", 1)], lines[("e", 1, "f")]) == (5, 6, 7)
