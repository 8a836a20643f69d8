"""Whether an extra is installed is seen by modules that it brings, and that nothing else of dompet brings."""

import re

import pytest

from dompet.streams.command_line.extras import _MODULES, LIGHT, ExtraMissing, is_installed, require
from tests.test_imports import PROJECT

EXTRAS = PROJECT["project"]["optional-dependencies"]


def brought(lines: list[str]) -> set[str]:
    return {re.split(r"[>\[]", one)[0].replace("-", "_") for one in lines}


@pytest.mark.parametrize("extra", list(_MODULES))
def test_an_extra_is_known_by_its_own_modules(extra: str) -> None:
    others = [one for name in _MODULES.keys() - {extra} for one in EXTRAS[name]]
    assert set(_MODULES[extra]) <= brought(EXTRAS[extra])
    assert not set(_MODULES[extra]) & brought([*PROJECT["project"]["dependencies"], *others])


def test_what_is_not_installed_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_installed(LIGHT)
    monkeypatch.setitem(_MODULES, "web", ("there_is_no_such_module",))
    with pytest.raises(ExtraMissing) as missing:
        require("web", "`dompet serve`")
    assert str(missing.value) == "`dompet serve` needs dompet[web]: pip install 'dompet[web]'"
