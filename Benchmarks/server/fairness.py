#!/usr/bin/env python3
"""How long a short text waits beside long batches, and when equal batches are done.

  fairness.py SERVER [SERVER…] [--model FOLDER] [--seconds 15] [--rounds 1]

Starts each server in turn, with the bundled model unless another is named. Beside 8 connections that
each send batches of 32 texts of 512 tokens over and over, one client sends a short text twice a second,
for so many seconds; before that, the short text is sent alone. Then 64 connections send a batch of 32
texts of some 60 tokens each at the same moment. Prints milliseconds, and seconds for the batches.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "Server"))

from client import Connection  # noqa: E402
from process import ServerProcess  # noqa: E402

LONG = json.dumps({"inputs": [["good " * 600]] * 32}).encode()
SHORT = json.dumps({"inputs": "A film of rare warmth."}).encode()
BATCH = json.dumps({"inputs": [["A film of rare warmth, and far too long for what it says. " * 4]] * 32}).encode()


async def timed(connection, body):
    start = time.perf_counter()
    status = (await connection.request(body))[0]
    if status != 200:
        raise SystemExit(f"status {status}")
    return time.perf_counter() - start


async def busy(port, end):
    """Sends long batches until the end; gives how many were answered."""
    connection, count = Connection(port), 0
    while time.perf_counter() < end:
        await timed(connection, LONG)
        count += 1
    return count


async def beside_long(port, seconds):
    connection = Connection(port)
    alone = [await timed(connection, SHORT) for _ in range(50)]
    end = time.perf_counter() + seconds
    tasks = [asyncio.create_task(busy(port, end)) for _ in range(8)]
    await asyncio.sleep(1)
    waits = []
    while time.perf_counter() < end:
        waits.append(await timed(connection, SHORT))
        await asyncio.sleep(0.5)
    start = end - seconds
    batches = sum(await asyncio.gather(*tasks))
    rate = batches * 32 / (time.perf_counter() - start)
    waits.sort()
    return {
        "alone": 1e3 * statistics.median(alone),
        "median": 1e3 * statistics.median(waits),
        "p90": 1e3 * waits[int(0.9 * len(waits))],
        "long texts/s": rate,
    }


async def equal_batches(port):
    connections = [Connection(port) for _ in range(64)]
    # Connected before the clock starts.
    await asyncio.gather(*(timed(connection, SHORT) for connection in connections))
    times = sorted(await asyncio.gather(*(timed(each, BATCH) for each in connections)))
    return {"first": times[0], "median": times[31], "last": times[-1]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("servers", nargs="+")
    parser.add_argument("--model")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    # Room for all inputs at once: refusals would not be measured.
    options = ["--max-concurrent-requests", "4096", "--payload-limit", "20000000", "--request-timeout", "600"]
    if arguments.model:
        options += ["--model-id", arguments.model]
    for _ in range(arguments.rounds):
        for server in arguments.servers:
            with ServerProcess(server, *options) as process:
                process.wait_until_healthy()
                waits = asyncio.run(beside_long(process.port, arguments.seconds))
                batches = asyncio.run(equal_batches(process.port))
            print(server)
            print("  a short text (ms): " + ", ".join(f"{k} {v:.1f}" for k, v in waits.items()))
            print("  equal batches (s): " + ", ".join(f"{k} {v:.2f}" for k, v in batches.items()))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
