"""A folder for settings that are found by themselves, and what is said of those that are wrong."""

from pathlib import Path
from typing import Any

import pytest

from dompet.schemas.errors import DompetError
from dompet.streams.settings import read_settings
from dompet.streams.settings.declaration import declared_settings

SECRET = "geheim/?#@:1"  # noqa: S105


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and no variable of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in declared_settings():
        monkeypatch.delenv(f"DOMPET_{name.upper()}", raising=False)
    return tmp_path


def write(content: str, name: str = "dompet.toml") -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(content, "utf-8")
    return name


def refusal(**flags: Any) -> str:
    with pytest.raises(DompetError) as refused:
        read_settings(**flags)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert "geheim" not in sentence
    return sentence
