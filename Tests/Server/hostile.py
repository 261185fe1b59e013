#!/usr/bin/env python3
"""Sends garbage to a server, while a client that behaves is served all the time.

  hostile.py SERVER [--count 2000] [--seed 1] [--only N] [--model FOLDER --path /embed]

Each case is refused with a status of 4xx or a closed connection, or waited for; the server goes on
running, gives back its file descriptors, and the good client has the same right answer each time.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter

from client import Connection, predict_body
from garbage import Garbage
from process import ServerProcess

WORKERS = 24
#: A good client's answer may take so many seconds at most.
PATIENCE = 30
GOOD_TEXT = "A film of rare warmth, and not a minute too long."


class NoHTTP(Exception):
    pass


async def read_response(reader):
    """The status of one whole answer, or None where the connection is closed before it begins."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise NoHTTP(f"the connection was closed within a head: {error.partial[:200]}") from error
        return None
    except ConnectionError:
        return None
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if not parts[0].startswith("HTTP/1.") or len(parts) < 2 or not parts[1].isdigit():
        raise NoHTTP(f"no status line: {lines[0][:200]}")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    try:
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        elif "chunked" in headers.get("transfer-encoding", ""):
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await reader.readexactly(size + 2)
            await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    return int(parts[1])


async def play(case, port):
    """Sends a case; gives the statuses that came, and how it ended."""
    statuses = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_000_000)

    async def read():
        while (status := await read_response(reader)) is not None:
            statuses.append(status)
        return "closed"

    reading = asyncio.create_task(read())
    try:
        for part in case.parts:
            writer.write(part)
            async with asyncio.timeout(10):
                await writer.drain()
            if case.pause:
                await asyncio.sleep(case.pause)
        if case.half_close:
            writer.write_eof()
    except (ConnectionError, TimeoutError, OSError):
        pass
    end, idle = time.monotonic() + case.patience, 0.05
    seen = 0
    while not reading.done() and time.monotonic() < end:
        # Connections that are kept say nothing more once they have answered.
        await asyncio.wait([reading], timeout=min(idle, case.patience))
        if len(statuses) > seen:
            seen, end = len(statuses), min(end, time.monotonic() + 0.1)
    how = "open"
    if reading.done():
        how = reading.result()
    else:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    # Half of all leave with a reset instead of a close, and so do those who are not read any more:
    # closing would wait for that.
    if len(case.parts[0]) % 2 or writer.transport.get_write_buffer_size():
        writer.transport.abort()
    writer.close()
    return statuses, how


class Run:
    def __init__(self, arguments, server):
        self.arguments, self.server = arguments, server
        self.garbage = Garbage(arguments.seed)
        self.numbers = iter([arguments.only] if arguments.only is not None else range(arguments.count))
        self.outcomes = Counter()
        self.failures = []
        self.good, self.slowest, self.stopping = 0, 0.0, False

    async def worker(self):
        for number in self.numbers:
            case = self.garbage.case(number)
            try:
                statuses, how = await play(case, self.server.port)
            except NoHTTP as error:
                self.failures.append(f"case {number} ({case.kind}): {error}")
                continue
            except OSError as error:
                if not self.server.is_running():
                    self.failures.append(f"case {number} ({case.kind}): the server is gone")
                    return
                self.failures.append(f"case {number} ({case.kind}): {error!r}")
                continue
            for status in statuses:
                if not case.allows(status) and status not in range(100, 200):
                    self.failures.append(f"case {number} ({case.kind}): status {status}")
            self.outcomes[(case.kind, statuses[-1] if statuses else how)] += 1

    async def good_client(self):
        """Asks the same again and again, the last time after all cases."""
        expected = None
        connection = Connection(self.server.port)
        while not self.stopping and self.server.is_running():
            begin = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, _, content = await connection.request(
                        predict_body(GOOD_TEXT), self.arguments.path
                    )
            except (OSError, TimeoutError) as error:
                self.failures.append(f"the good client had no answer: {error!r}")
                connection.close()
                continue
            self.slowest = max(self.slowest, time.monotonic() - begin)
            expected = expected or content
            is_right = content == expected and (self.arguments.model or b"POSITIVE" in content)
            if status != 200 or not is_right:
                self.failures.append(f"the good client was answered {status} {content[:200]}")
            self.good += 1
            await asyncio.sleep(0.01)
        connection.close()

    async def all(self):
        good = asyncio.create_task(self.good_client())
        await asyncio.gather(*(self.worker() for _ in range(WORKERS)))
        self.stopping = True
        await good


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--model", help="instead of the bundled one")
    parser.add_argument("--path", default="/predict", help="of the client that behaves")
    parser.add_argument("--only", type=int, help="the number of one case, to see it alone")
    arguments = parser.parse_args()
    options = ["--model-id", arguments.model] if arguments.model else []
    with ServerProcess(arguments.server, *options) as server:
        server.wait_until_healthy()
        before, memory = descriptors(server), server.resident_bytes()
        run, begin = Run(arguments, server), time.monotonic()
        asyncio.run(run.all())
        seconds = time.monotonic() - begin
        failures = run.failures
        if not server.is_running():
            failures.append(f"the server ended with {server.process.returncode}:\n{server.text_of_log()}")
        else:
            if not server.healthy():
                failures.append("the server is not healthy any more")
            # Who is refused and does not close the connection has some seconds to do so.
            end = time.monotonic() + 20
            while descriptors(server) > before + 4 and time.monotonic() < end:
                time.sleep(0.2)
            if descriptors(server) > before + 4:
                failures.append(f"{descriptors(server)} descriptors are open, before it were {before}")
            grown = (server.resident_bytes() - memory) / 1e6
            print(f"resident memory: {memory / 1e6:.0f} MB before, {grown:+.0f} MB after")
            if status := server.terminate():
                failures.append(f"the server ended with {status} when it was told to stop")
    kinds = sorted({kind for kind, _ in run.outcomes})
    for kind in kinds:
        of = {str(how): n for (k, how), n in run.outcomes.items() if k == kind}
        print(f"{kind:20}", ", ".join(f"{how} × {n}" for how, n in sorted(of.items())))
    print(f"{sum(run.outcomes.values())} cases in {seconds:.0f} s; the good client had {run.good} answers,")
    print(f"the slowest after {run.slowest:.2f} s")
    if not run.good:
        failures.append("the good client had no answer at all")
    for failure in failures[:20]:
        print(f"FAIL {failure}", file=sys.stderr)
    if len(failures) > 20:
        print(f"FAIL and {len(failures) - 20} more", file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
