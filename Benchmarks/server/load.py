#!/usr/bin/env python3
"""Clients that send one request after another on connections that they keep: a closed loop.

  load.py PORT TEXTS.json

Reads lines `CONCURRENCY SECONDS` from standard input and prints a line of JSON for each: the rate
and the latencies of all requests that began after the first tenth. An empty line ends it. A
process of its own, so that no server shares its interpreter; what it costs, it costs all servers.
"""

import asyncio
import json
import sys
import time

clock = time.perf_counter


class Client(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is whole."""

    def __init__(self, work):
        self.work, self.buffer, self.missing = work, b"", None

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        if clock() >= self.work.end:
            self.transport.close()
            return
        self.begin = clock()
        self.transport.write(next(self.work.requests))

    def data_received(self, data):
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        if self.missing is None:
            lower = head.lower()
            at = lower.index(b"content-length:") + 15
            self.missing = int(lower[at:].split(b"\r\n", 1)[0])
        if len(body) < self.missing:
            return
        self.work.answered(head, clock() - self.begin, self.begin)
        self.buffer, self.missing = b"", None
        self.send()

    def connection_lost(self, error):
        self.work.lost(self)


class Work:
    def __init__(self, requests, count, seconds):
        self.requests = requests
        self.begin = clock()
        self.first = self.begin + seconds / 10
        self.end = self.begin + seconds
        self.left = count
        self.latencies, self.statuses = [], {}
        self.last = self.begin
        self.over = asyncio.get_running_loop().create_future()

    def answered(self, head, latency, begin):
        status = head[9:12].decode()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.last = clock()
        if begin >= self.first and status == "200":
            self.latencies.append(latency)

    def lost(self, client):
        if clock() < self.end:
            self.statuses["lost"] = self.statuses.get("lost", 0) + 1
        self.left -= 1
        if not self.left:
            self.over.set_result(None)

    def result(self):
        times = sorted(self.latencies)
        if not times:
            raise SystemExit(f"no request was answered: {self.statuses}")
        share = lambda part: 1e3 * times[min(len(times) - 1, int(part * len(times)))]
        return {
            "rate": len(times) / (self.last - self.first),
            "p50_ms": share(0.5),
            "p90_ms": share(0.9),
            "p99_ms": share(0.99),
            "requests": len(times),
            "statuses": self.statuses,
        }


def endless(port, texts):
    heads = (
        f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        "Content-Length: "
    ).encode()
    bodies = [json.dumps({"inputs": text}).encode() for text in texts]
    requests = [heads + str(len(body)).encode() + b"\r\n\r\n" + body for body in bodies]
    while True:
        yield from requests


async def run(port, requests, count, seconds):
    work = Work(requests, count, seconds)
    loop = asyncio.get_running_loop()
    for _ in range(count):
        await loop.create_connection(lambda: Client(work), "127.0.0.1", port)
    await asyncio.wait_for(work.over, seconds + 60)
    return work.result()


def main():
    port = int(sys.argv[1])
    requests = endless(port, json.load(open(sys.argv[2])))
    while line := sys.stdin.readline().split():
        print(json.dumps(asyncio.run(run(port, requests, int(line[0]), float(line[1])))), flush=True)


if __name__ == "__main__":
    main()
