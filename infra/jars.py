"""Java, and the jars of the local Kafka, fetched once by Maven."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from dompet.infra.errors import BrokerError

KAFKA_FILES = Path(__file__).with_name("kafka")
_POM = KAFKA_FILES / "pom.xml"
_JAVA_MIN = 17
_FETCH_LIMIT_S = 900
_OR_ELSE = "or set DOMPET_KAFKA to an existing broker"
_NO_JAVA = (
    f"Java {_JAVA_MIN} or newer is needed for the local Kafka{{found}}: "
    f"install it (Debian: apt-get install openjdk-17-jre-headless), {_OR_ELSE}"
)


def find_java() -> Path:
    """The `java` of JAVA_HOME, else of PATH; raises BrokerError if there is none or it is too old."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if found is None:
        raise BrokerError(_NO_JAVA.format(found=""))
    try:
        answer = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokerError(_NO_JAVA.format(found=f", and {found} does not run ({error})")) from error
    version = java_version(answer.stderr)
    if version < _JAVA_MIN:
        raise BrokerError(_NO_JAVA.format(found=f", and {found} is {f'Java {version}' if version else 'no Java'}"))
    return Path(found)


def java_version(answer: str) -> int:
    """The feature version in what `java -version` says; 0 if it says none.

    >>> java_version('openjdk version "17.0.15" 2025-04-15'), java_version('java version "1.8.0_202"')
    (17, 8)
    """
    match = re.search(r'version "(?:1\.)?(\d+)', answer)
    return int(match[1]) if match else 0


def kafka_version() -> str:
    """The version of Kafka that the pom names."""
    match = re.search(r"<kafka\.version>([^<]+)<", _POM.read_text())
    assert match, "the pom names no version of Kafka"  # noqa: S101 - the pom is our own
    return match[1]


def fetched_jars(libs: Path, progress: Callable[[str], None]) -> Path:
    """The folder in `libs` that holds the pom's jars, fetched by Maven if it is not there; raises BrokerError.

    It is named by the pom's version and digest, so another pom gets another folder.
    """
    folder = libs / f"{kafka_version()}-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]}"
    if os.pathsep in str(folder):
        raise BrokerError(f"Java cannot load the local Kafka from {libs}: choose a folder without {os.pathsep!r}")
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerError(
            f"Maven is needed once, to fetch the local Kafka: install it (Debian: apt-get install maven), {_OR_ELSE}"
        )
    progress(f"fetching Kafka {kafka_version()} (43 MB, once)")
    libs.mkdir(parents=True, exist_ok=True)
    # Only a whole fetch gets the final name: what was interrupted is never taken for it.
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=libs) as scratch:
        jars = Path(scratch) / "jars"
        _run_maven(maven, Path(scratch), jars, _repository())
        try:
            jars.rename(folder)
        except OSError:
            # Another process was faster; a directory cannot replace one that holds files.
            if not folder.is_dir():
                raise
    return folder


def _repository() -> list[str]:
    """Where Maven keeps what it fetches: in the user's home, or for a service's user, who has none, beside the jars."""
    try:
        home = Path(pwd.getpwuid(os.getuid()).pw_dir)  # Java does not look at HOME
    except KeyError:  # a container's user
        return ["-Dmaven.repo.local=repository"]
    folder = home / ".m2" if (home / ".m2").exists() else home
    return [] if os.access(folder, os.W_OK | os.X_OK) else ["-Dmaven.repo.local=repository"]


def _run_maven(maven: str, scratch: Path, jars: Path, repository: list[str]) -> None:
    shutil.copyfile(_POM, scratch / "pom.xml")
    goal = ["dependency:copy-dependencies", *repository, "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", *goal]
    try:
        answer = subprocess.run(
            command, cwd=scratch, capture_output=True, text=True, timeout=_FETCH_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"Maven did not fetch Kafka {kafka_version()} within {_FETCH_LIMIT_S} s") from error
    if answer.returncode != 0 or not list(jars.glob("*.jar")):
        said = (answer.stdout + answer.stderr).strip().splitlines() or [f"exit code {answer.returncode}"]
        raise BrokerError(f"Maven could not fetch Kafka {kafka_version()}: {said[0]}")
