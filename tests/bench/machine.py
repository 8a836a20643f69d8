"""The machine and the versions that were measured."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import confluent_kafka

from dompet.infra.jars import find_java, kafka_version
from tests.bench.processes import ROOT

_PACKAGES = ("faust-streaming", "numpy", "pyarrow", "fastavro")


def machine() -> str:
    """Processor, cores and memory, and the operating system."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = _found(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text()) or platform.machine()
    return f"{os.cpu_count()} cores ({model}), {memory_gb:.0f} GiB of memory, Linux {platform.release().split('-')[0]}"


def versions(warehouses: Iterable[str]) -> str:
    """What took part, beside the warehouses."""
    java = subprocess.run([find_java(), "-version"], capture_output=True, text=True, check=True).stderr
    pom = (ROOT / "tests" / "bench" / "pom.xml").read_text()
    java, streams = _found(r'version "([^"]+)"', java), _found(r"<kafka.version>([^<]+)<", pom)
    return ", ".join(
        [
            f"Python {platform.python_version()}",
            f"Java {java}",
            f"Apache Kafka {kafka_version()}",
            f"Kafka Streams and Connect {streams}",
            *dict.fromkeys(warehouses),
            f"confluent-kafka {version('confluent-kafka')} (librdkafka {confluent_kafka.libversion()[0]})",
            *(f"{name} {version(name)}" for name in _PACKAGES),
        ]
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1].strip() if match else ""
