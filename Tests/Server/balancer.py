#!/usr/bin/env python3
"""Kills and stops servers behind nginx under load; no request may fail.

  balancer.py SERVER NGINX.CONF

Two servers stand behind nginx, with the ports in deploy/nginx.conf replaced. One is killed, comes
back, and the other is told to stop; all the while clients send requests one after another. Every
answer must be 200, and the same bytes as the first one for the same text.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from client import Connection, predict_body
from process import ServerProcess, free_ports
from texts import Texts

CLIENTS = 16
#: A request without an answer after this many seconds has failed.
PATIENCE = 30


class Nginx:
    def __init__(self, configuration, ports, servers):
        self.folder = tempfile.TemporaryDirectory(prefix="swiftlet-nginx-")
        text = Path(configuration).read_text()
        replaced = {
            "listen 8080": f"listen 127.0.0.1:{ports[0]}",
            "127.0.0.1:3001": f"127.0.0.1:{servers[0]}",
            "127.0.0.1:3002": f"127.0.0.1:{servers[1]}",
            "/var/log/nginx/": f"{self.folder.name}/",
            "/run/nginx.pid": f"{self.folder.name}/nginx.pid",
        }
        for old, new in replaced.items():
            if old not in text:
                raise SystemExit(f"{configuration} has no “{old}” any more")
            text = text.replace(old, new)
        self.path = Path(self.folder.name, "nginx.conf")
        self.path.write_text(text)
        self.command = ["nginx", "-p", self.folder.name, "-c", str(self.path)]
        self.errors = Path(self.folder.name, "error.log")
        self.command += ["-e", str(self.errors)]

    def __enter__(self):
        subprocess.run([*self.command, "-t", "-q"], check=True)
        self.process = subprocess.Popen([*self.command, "-g", "daemon off;"])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


class Load:
    """Clients that send one request after another until they are told to stop."""

    def __init__(self, port):
        self.port = port
        self.answers = {}
        self.count = 0
        self.slowest = 0
        self.failures = []
        self.stopping = False
        texts = Texts(seed=1)
        self.texts = [texts.next() for _ in range(200)]

    async def client(self, number):
        connection = Connection(self.port)
        at = number
        while not self.stopping:
            text = self.texts[at % len(self.texts)]
            at += CLIENTS + 1
            begin = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, _, content = await connection.request(predict_body(text))
            except (OSError, TimeoutError) as error:
                self.failures.append(repr(error))
                connection.close()
                continue
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.count += 1
            if status != 200:
                self.failures.append(f"{status} {content[:200]}")
            elif self.answers.setdefault(text, content) != content:
                self.failures.append(f"another answer for the same text: {content[:200]}")
        connection.close()

    async def until(self, more):
        """Waits for so many more answers; they must come in three minutes."""
        goal, end = self.count + more, time.monotonic() + 180
        while self.count < goal:
            if time.monotonic() > end:
                raise SystemExit(f"only {self.count} of {goal} answers came: {self.failures[:3]}")
            await asyncio.sleep(0.02)


async def run(binary, configuration):
    ports = free_ports(3)
    loop = asyncio.get_running_loop()
    start = lambda port: ServerProcess(binary, port=port, environment={"SWIFTLET_THREADS": "1"})
    first, second = start(ports[1]), start(ports[2])
    with first, second, Nginx(configuration, ports, ports[1:]) as nginx:
        first.wait_until_healthy()
        second.wait_until_healthy()
        load = Load(ports[0])
        clients = [asyncio.create_task(load.client(number)) for number in range(CLIENTS)]
        await load.until(600)
        for server in (first, second):
            metrics = server.request("GET", "/metrics")[2].decode()
            if "te_request_count" not in metrics:
                raise SystemExit(f"a server had no requests; its metrics:\n{metrics[:2000]}")
        print(f"{load.count} answers from two servers", flush=True)

        first.kill()
        await load.until(600)
        print(f"{load.count} answers after one was killed", flush=True)

        with start(ports[1]) as again:
            await loop.run_in_executor(None, again.wait_until_healthy)
            await load.until(600)
            begin = time.monotonic()
            status = await loop.run_in_executor(None, second.terminate)
            took = time.monotonic() - begin
            if status != 0:
                load.failures.append(f"the server that was told to stop ended with {status}")
            await load.until(600)
            print(f"{load.count} answers after the other stopped (in {took:.2f} s)", flush=True)
            load.stopping = True
            await asyncio.gather(*clients)
        if load.failures:
            print(nginx.errors.read_text()[-3000:], file=sys.stderr)
    return load


def main():
    load = asyncio.run(run(*sys.argv[1:]))
    for failure in load.failures[:20]:
        print(f"FAIL {failure}", file=sys.stderr)
    print(f"{load.count} requests, {len(load.failures)} failed, slowest {load.slowest:.2f} s")
    sys.exit(bool(load.failures))


if __name__ == "__main__":
    main()
