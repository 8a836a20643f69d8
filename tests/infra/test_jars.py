"""What is reported when Java or Maven is missing, and that a fetch is whole or nothing."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from dompet.infra.errors import BrokerError
from dompet.infra.jars import fetched_jars, find_java, java_version
from tests.support.kafka import JARS


def ignore(step: str) -> None:
    pass


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where programs are looked for; it is empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return folder


def test_without_java_one_is_asked_for(empty_path: Path) -> None:
    with pytest.raises(BrokerError) as refused:
        find_java()
    assert str(refused.value) == (
        "Java 17 or newer is needed for the local Kafka: "
        "install it (Debian: apt-get install openjdk-17-jre-headless), or set DOMPET_KAFKA to an existing broker"
    )


@pytest.mark.server
def test_a_java_that_is_too_old_is_named(empty_path: Path) -> None:
    program(empty_path, "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    with pytest.raises(BrokerError, match=r"needed for the local Kafka, and .*/bin/java is Java 11: install it"):
        find_java()


@pytest.mark.server
def test_a_java_home_without_java_is_named(empty_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(empty_path))
    with pytest.raises(BrokerError, match=r"and .*/bin/bin/java does not run"):
        find_java()


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx=y\nopenjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_202"', 8),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ("The operation couldn't be completed. Unable to locate a Java Runtime.", 0),
    ],
)
def test_the_version_of_java_is_read(answer: str, version: int) -> None:
    assert java_version(answer) == version


def test_without_maven_it_is_asked_for_when_jars_are_missing(empty_path: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokerError) as refused:
        fetched_jars(tmp_path / "libs", ignore)
    assert str(refused.value) == (
        "Maven is needed once, to fetch the local Kafka: "
        "install it (Debian: apt-get install maven), or set DOMPET_KAFKA to an existing broker"
    )


def test_jars_that_are_there_need_no_maven(kafka: str, empty_path: Path) -> None:
    steps: list[str] = []
    assert list(fetched_jars(JARS, steps.append).glob("kafka_2.13-*.jar"))
    assert steps == []


@pytest.mark.server
def test_a_fetch_that_fails_leaves_nothing_behind(empty_path: Path, tmp_path: Path) -> None:
    # What Maven does when the network goes away in the middle.
    program(
        empty_path,
        "mvn",
        'for last; do :; done; /bin/mkdir -p "${last#*=}"; : > "${last#*=}/half.jar"; echo no route; exit 1',
    )
    with pytest.raises(BrokerError, match=r"Maven could not fetch Kafka 4\.\d+\.\d+: no route"):
        fetched_jars(tmp_path / "libs", ignore)
    assert list((tmp_path / "libs").iterdir()) == []


def fetched_by(empty_path: Path, libs: Path) -> str:
    """What Maven is called with."""
    program(empty_path, "mvn", 'for last; do :; done; /bin/mkdir -p "${last#*=}"; echo "$@" > "${last#*=}/said.jar"')
    return (fetched_jars(libs, ignore) / "said.jar").read_text()


@pytest.mark.server
def test_a_user_without_a_home_fetches_into_the_libs(
    empty_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "maven.repo.local" not in fetched_by(empty_path, tmp_path / "home")
    monkeypatch.setattr("pwd.getpwuid", {os.getuid(): SimpleNamespace(pw_dir="/nonexistent")}.__getitem__)
    assert "-Dmaven.repo.local=repository " in fetched_by(empty_path, tmp_path / "homeless")
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert "-Dmaven.repo.local=repository " in fetched_by(empty_path, tmp_path / "unknown")
    assert len(list((tmp_path / "unknown").iterdir())) == 1


def test_a_folder_that_java_cannot_load_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="choose a folder without ':'"):
        fetched_jars(tmp_path / "a:b", ignore)
