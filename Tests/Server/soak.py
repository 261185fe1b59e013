#!/usr/bin/env python3
"""Keeps many connections busy, and looks at answers and memory.

  soak.py SERVER [--seconds 600] [--connections 1000] [--model FOLDER]

No answer but 200 and 429; the resident memory after warm-up (a fifth of the time) and at the end
differ by 2 % at most.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter

from client import Connection
from process import ServerProcess
from texts import Texts

#: A request without an answer after this many seconds has failed.
PATIENCE = 60
GROWTH = 0.02


class Soak:
    def __init__(self, arguments, server):
        self.arguments, self.server = arguments, server
        self.statuses, self.failures = Counter(), []
        self.seconds = []
        self.memory = []
        self.end = time.monotonic() + arguments.seconds

    async def client(self, number):
        connection = Connection(self.server.port)
        texts, pick = Texts(number), random.Random(number)
        # Not all at once.
        await asyncio.sleep(2 * pick.random())
        while time.monotonic() < self.end:
            size = 1 if pick.random() < 0.9 else pick.randint(2, 32)
            inputs = [[texts.next()] for _ in range(size)]
            begin = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, _, content = await connection.request(
                        json.dumps({"inputs": inputs}).encode()
                    )
            except (OSError, TimeoutError) as error:
                self.failures.append(repr(error))
                connection.close()
                await asyncio.sleep(0.5)
                continue
            self.statuses[status] += 1
            if status == 200:
                self.seconds.append(time.monotonic() - begin)
                if len(json.loads(content)) != size:
                    self.failures.append(f"{size} texts were answered by {content[:200]}")
            elif status == 429:
                # As a client does that wants to be served in the end.
                await asyncio.sleep(0.2 + pick.random())
            else:
                self.failures.append(f"status {status}: {content[:200]}")
        connection.close()

    async def watch(self):
        begin = time.monotonic()
        while time.monotonic() < self.end and self.server.is_running():
            self.memory.append((time.monotonic() - begin, self.server.resident_bytes()))
            await asyncio.sleep(0.5)

    async def all(self):
        clients = [self.client(number) for number in range(self.arguments.connections)]
        await asyncio.gather(self.watch(), *clients)

    def check_memory(self):
        """Compares the tenth after the warm-up with the last tenth, by their medians."""
        share = lambda low, high: statistics.median(
            memory
            for at, memory in self.memory
            if low <= at / self.arguments.seconds < high
        )
        tenths = [share(n / 10, (n + 1) / 10) for n in range(10)]
        print("resident memory in each tenth, MB:", *(f"{each / 1e6:.1f}" for each in tenths))
        early, late = tenths[2], tenths[9]
        print(f"resident memory: {early / 1e6:.1f} MB after warm-up, {late / 1e6:.1f} MB at the end")
        if late > early * (1 + GROWTH):
            self.failures.append(f"memory grew by {100 * (late / early - 1):.1f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--model")
    arguments = parser.parse_args()
    if arguments.seconds < 20:
        parser.error("--seconds must be 20 or more: memory is compared over tenths of the time")
    options = ["--model-id", arguments.model] if arguments.model else []
    with ServerProcess(arguments.server, *options) as server:
        server.wait_until_healthy()
        soak = Soak(arguments, server)
        asyncio.run(soak.all())
        if not server.is_running():
            soak.failures.append(f"the server ended with {server.process.returncode}:\n{server.text_of_log()}")
        elif status := server.terminate():
            soak.failures.append(f"the server ended with {status} when it was told to stop")
    print(f"answers: {dict(soak.statuses)}")
    if len(soak.seconds) < 100:
        soak.failures.append(f"only {len(soak.seconds)} requests were answered with 200")
    else:
        soak.check_memory()
        cuts = statistics.quantiles(soak.seconds, n=100)
        print(f"of those with 200: median {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s")
    for failure in soak.failures[:20]:
        print(f"FAIL {failure}", file=sys.stderr)
    print(f"{sum(soak.statuses.values())} answers, {len(soak.failures)} failures")
    sys.exit(bool(soak.failures))


if __name__ == "__main__":
    main()
