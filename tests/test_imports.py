"""Imports go one way, streams → projections → schemas; the meaning of events touches no clock and no file; and the
packages that get installed are the folders that are there.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("schemas", "projections", "streams", "infra")
MAY_IMPORT = {
    "schemas": {"schemas"},
    "projections": {"projections", "schemas"},
    "streams": {"streams", "projections", "schemas"},
    "infra": {"infra", "schemas"},
}
COMPOSES = ("streams.cli", "streams.app", "streams.commands")
"""Where everything is put together: these may use infra too."""

OPEN_DOORS = {"__init__", "app", "cli"}
"""The only modules that are loose in `streams/`; all others have a room."""

FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "commands.access",
        "commands.catalogue",
        "commands.chain",
        "commands.dead_letters",
        "commands.publishers",
        "commands.rejections",
    ),
    ("commands",),
    ("web",),
    ("web.api",),
    ("web.pages",),
    ("web.core",),
    ("web.show",),
    ("rebuild", "demo"),
    ("demo.programme", "demo.report"),
    ("verify", "worker"),
    ("pipeline", "catalogue", "redrive", "importer", "reconciliation", "gateway", "router", "client"),
    ("settlement", "proof", "backup", "answers", "dead_letters", "publish", "access", "publishers"),
    ("engine.in_front",),
    ("engine",),
    ("warehouse", "kafka", "command_line"),
    ("settings",),
    ("terminal", "parsing", "metrics"),
    ("process",),
)
"""The rooms of `streams/` from the top floor down. A room imports only itself and rooms on floors below its own; below
all of them lie `projections`, `infra` and `schemas`.
"""

PURE = {
    "abc",
    "bisect",
    "collections",
    "copy",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
}
PURE |= {"types", "typing"}
IMPURE_CALLS = {"now", "utcnow", "today", "open", "input", "print", "exec", "eval", "__import__"}

BROUGHT = {"faust_streaming": {"faust", "mode"}, "kafka_python": {"kafka"}, "numba": {"numba", "llvmlite"}}
"""The modules of a dependency where they have other names: Faust's services are those of its own mode, and what Numba
compiles is written in llvmlite."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]


@cache
def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a module imports, wherever in it, as an absolute name."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = name_of(path).split(".")[: None if path.stem == "__init__" else -1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield ".".join(["dompet", *package[: len(package) + 1 - node.level], node.module or ""]).strip(".")
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from names if node.module == "dompet" else (str(node.module), *filter(_is_module, names))


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.removeprefix("dompet.").split("."))
    return name.startswith("dompet.") and (path.is_dir() or path.with_suffix(".py").is_file())


def of_dompet(path: Path) -> Iterator[str]:
    yield from (name.removeprefix("dompet.") for name in imports(path) if name.split(".")[0] == "dompet")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_the_layers_below_it(layer: str) -> None:
    for path in modules(layer):
        allowed = MAY_IMPORT[layer] | ({"infra"} if name_of(path).startswith(COMPOSES) else set())
        for name in of_dompet(path):
            assert name.split(".")[0] in allowed, f"{path.relative_to(ROOT)} imports dompet.{name}"


def room_of(name: str) -> str:
    """The room of `streams` that a module, named without `dompet.`, lies in; empty for an open door."""
    parts = name.split(".")[1:]
    while parts and not (ROOT / "streams").joinpath(*parts).is_dir():
        parts.pop()
    return ".".join(parts)


def climbs(path: Path) -> Iterator[str]:
    """The imports of a module of `streams` that do not lead to a floor below its own."""
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    own = room_of(name_of(path))
    for name in of_dompet(path):
        room = room_of(name) if name.startswith("streams.") else ""
        if own and room and room != own and floor[room] <= floor[own]:
            yield f"{path.relative_to(ROOT)} imports dompet.{name}"


def test_no_module_is_loose_in_streams() -> None:
    assert {path.stem for path in (ROOT / "streams").glob("*.py")} == OPEN_DOORS


def test_every_room_of_streams_has_its_floor() -> None:
    rooms = {room_of(name_of(path)) for path in modules("streams")} - {""}
    assert rooms == {room for rooms in FLOORS for room in rooms}


def test_no_import_climbs_to_a_higher_floor() -> None:
    assert [climb for path in modules("streams") for climb in climbs(path)] == []


def test_the_tests_of_streams_lie_in_the_same_rooms() -> None:
    rooms = {str(path.parent.relative_to(ROOT / "tests/streams")) for path in modules("tests/streams")} - {"."}
    assert rooms <= {room.replace(".", "/") for floor in FLOORS for room in floor}


@pytest.mark.parametrize("path", modules("projections"), ids=name_of)
def test_the_meaning_of_events_imports_nothing_that_could_change_it(path: Path) -> None:
    outside = {name.split(".")[0] for name in imports(path)}
    assert outside <= PURE | {"numpy", "dompet"}
    assert "numpy.random" not in set(imports(path))


@pytest.mark.parametrize("path", modules("projections"), ids=name_of)
def test_the_meaning_of_events_asks_no_clock_no_file_and_no_chance(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {func.id for func in called if isinstance(func, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not (names | attributes) & (IMPURE_CALLS | {"random"})


def test_faust_is_imported_by_the_worker_alone() -> None:
    importing = {
        room_of(name_of(path))
        for path in modules(*LAYERS)
        if {name.split(".")[0] for name in imports(path)} & {"faust", "mode", "aiokafka"}
    }
    assert importing == {"worker"}


def test_no_module_is_imported_by_the_bare_name_of_its_folder() -> None:
    bare = {path: {name.split(".")[0] for name in imports(path)} & set(LAYERS) for path in modules(*LAYERS, "tests")}
    assert [str(path.relative_to(ROOT)) for path, names in bare.items() if names] == []


def test_kafka_python_is_imported_by_the_light_client_alone() -> None:
    importing = [path for path in modules(*LAYERS) if any(name.split(".")[0] == "kafka" for name in imports(path))]
    assert {room_of(name_of(path)) for path in importing} == {"client"}


def test_every_module_from_outside_is_a_declared_dependency() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    installed = [*PROJECT["project"]["dependencies"], *extras["pipeline"], *extras["web"]]
    declared = {re.split(r"[>\[]", one)[0].replace("-", "_") for one in installed}
    imported = {name.split(".")[0] for path in modules(*LAYERS) for name in imports(path)}
    outside = imported - sys.stdlib_module_names - {"dompet"}
    assert outside <= {module for name in declared for module in BROUGHT.get(name, {name})}


def folders() -> dict[str, Path]:
    """Every folder with modules in it, by the package that it should be."""
    found = {path.parent for path in modules(*LAYERS)}
    return {"dompet." + ".".join(folder.relative_to(ROOT).parts): folder for folder in found}


def test_every_folder_with_modules_is_a_package() -> None:
    assert all((folder / "__init__.py").is_file() for folder in folders().values())


def test_only_the_layers_are_mapped_by_name() -> None:
    assert SETUPTOOLS["package-dir"] == {f"dompet.{layer}": layer for layer in LAYERS}


def test_every_file_that_is_no_module_gets_installed_with_its_package() -> None:
    listed = {
        path
        for name, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
        for path in folders()[name].glob(pattern)
    }
    there = {path for layer in LAYERS for path in (ROOT / layer).rglob("*") if path.is_file()}
    there -= {path for path in there if path.suffix == ".py" or "__pycache__" in path.parts}
    assert there - listed == set()


@pytest.mark.parametrize("name", SETUPTOOLS["package-data"])
def test_no_pattern_of_package_data_is_left_without_a_file(name: str) -> None:
    for pattern in SETUPTOOLS["package-data"][name]:
        assert any(folders()[name].glob(pattern)), f"{name}: {pattern} matches nothing"
