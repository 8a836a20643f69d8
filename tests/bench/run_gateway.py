"""Clients of a gateway: `python -m tests.bench.run_gateway`, for a process of their own, on one core."""

import argparse
import asyncio
import json
import os
import time
import uuid
from typing import Any, Final

from confluent_kafka import Producer

from tests.support.figures import figures
from tests.support.gateway import review

BATCH: Final = 500
_HOST: Final = "127.0.0.1"
_CLIENTS: Final = {"batches": 4, "requests": 32}


def request_of(events: list[dict[str, Any]], token: str, form: str) -> bytes:
    """A whole request."""
    body = b"\n".join(json.dumps(one).encode() for one in events)
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {form}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def client(port: int, request: bytes, until_s: float, pause_s: float, took: list[float]) -> None:
    """Send the request again and again on one connection; how long each took, from when it was due."""
    reader, writer = await asyncio.open_connection(_HOST, port)
    due_s = time.perf_counter()
    while due_s < until_s:
        if (wait_s := due_s - time.perf_counter()) > 0:
            await asyncio.sleep(wait_s)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(length)
        now_s = time.perf_counter()
        took.append(now_s - due_s)
        due_s = due_s + pause_s if pause_s else now_s
    writer.close()


async def load(port: int, request: bytes, clients: int, seconds: float, rate: float) -> list[float]:
    """Seconds of each request; `rate`: so many requests a second, 0: as many as there can be."""
    took: list[float] = []
    until_s, pause_s = time.perf_counter() + seconds, clients / rate if rate else 0
    await asyncio.gather(*(client(port, request, until_s, pause_s, took) for _ in range(clients)))
    return sorted(took)


def produced(bootstrap: str, topic: str, value: bytes, seconds: float) -> float:
    """Events a second of a plain producer with the gateway's guarantees, flushed every batch."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 5})
    count, began_s = 0, time.perf_counter()
    while (now_s := time.perf_counter()) < began_s + seconds:
        for _ in range(BATCH * _CLIENTS["batches"]):
            producer.produce(topic, value, b"b-7f3a90c2")
        producer.flush()
        count += BATCH * _CLIENTS["batches"]
    return count / (now_s - began_s)


def cpu_seconds(metrics_port: int) -> float:
    """The gateway's processor time so far."""
    return figures(metrics_port).of("process_cpu_seconds_total") or 0


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("--bootstrap-servers", "--topic", "--token", "--publisher"):
        parser.add_argument(name, required=True)
    for name in ("--port", "--metrics-port"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    events = [review(options.publisher, beneficiary_id=f"b-{uuid.uuid4()}") for _ in range(BATCH)]
    batch = request_of(events, options.token, "application/x-ndjson")
    single = request_of(events[:1], options.token, "application/json")
    asyncio.run(load(options.port, batch, 1, 0.5, 0))  # loads the compiled loops
    seconds, found = options.seconds, dict[str, Any]()
    found["ready"] = produced(options.bootstrap_servers, options.topic, bytes(130), seconds)
    before_s = cpu_seconds(options.metrics_port)
    for name, request in (("batches", batch), ("requests", single)):
        requests = len(asyncio.run(load(options.port, request, _CLIENTS[name], seconds, 0)))
        found[name] = requests / seconds
        if name == "batches":
            found["cpu_us"] = 1e6 * (cpu_seconds(options.metrics_port) - before_s) / (requests * BATCH)
    half = asyncio.run(load(options.port, single, _CLIENTS["requests"], seconds, found["requests"] / 2))
    found["p99_ms"] = 1_000 * half[int(0.99 * len(half))]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
