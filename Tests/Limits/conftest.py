"""Fixtures that run swiftlet and swiftlet-server where a machine gives them little.

SWIFTLET_TEST_PROGRAM and SWIFTLET_TEST_SERVER name the programs; otherwise they are the release build of
swiftlet and the debug build of the server. A program does its work, or says why not and fails; it never
dies of a signal."""

import dataclasses
import http.client
import json
import os
import pathlib
import re
import resource
import struct
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SWIFTLET = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build/release/swiftlet")).resolve()
SERVER = pathlib.Path(
    os.environ.get("SWIFTLET_TEST_SERVER", ROOT / ".build-server/debug/swiftlet-server")).resolve()


def pytest_addoption(parser):
    parser.addoption("--step", type=int, default=16000, metavar="KB",
                     help="the distance between the limits of addresses")


@dataclasses.dataclass
class Result:
    """What a program returned and wrote; `answer` is what the server returned to a request."""

    status: int
    out: str
    err: str
    answer: str = ""

    @property
    def classifies(self):
        return self.status == 0 and "POSITIVE" in self.answer + self.out

    def is_refusal(self, program, words):
        """Whether one message has the words, with status 70, or 73 of an output."""
        message = re.search(rf"^{program}: error: .*({words})", self.err, re.MULTILINE)
        return self.status in (70, 73) and self.out == "" and message is not None

    @property
    def is_not_loaded(self):
        """Whether the loader had no addresses for the libraries."""
        return self.status == 127 and "error while loading shared libraries" in self.err


def mapped_kilobytes(program):
    """The addresses that the system maps before a program begins. With fewer, the system ends it by a signal."""
    data = program.read_bytes()
    assert data[:5] == b"\x7fELF\x02"
    (start,), (size, count) = struct.unpack_from("<Q", data, 32), struct.unpack_from("<HH", data, 54)
    ends = []
    for place in range(start, start + size * count, size):
        kind, _, _, address, _, _, memory, _ = struct.unpack_from("<IIQQQQQQ", data, place)
        ends += [address + memory] if kind == 1 else []
    return max(ends) // 1024


def limited(kind, limit):
    """Lowers a limit of the process that is about to start."""
    def setup():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(kind, (limit, limit))

    return setup


@pytest.fixture
def run(tmp_path):
    """Runs a command in the test's folder."""
    def run(*command, environment=None, **options):
        process = subprocess.run(
            list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})},
            **{"cwd": tmp_path, **options})
        return Result(process.returncode, process.stdout, process.stderr)

    return run


@pytest.fixture
def serve():
    """Starts the server, by the command before it if there is one, and asks it once when it is ready."""
    def serve(*prefix, environment=None, **options):
        with subprocess.Popen(
                [*map(str, prefix), SERVER, "--hostname", "127.0.0.1", "--port", "0"], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True, cwd="/",
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}, **options) as process:
            log, answer = [], ""
            deadline = threading.Timer(60, process.kill)
            deadline.start()
            for line in process.stderr:
                log.append(line)
                if ready := re.search(r" ready address=http://\S*:(\d+) ", line):
                    answer = ask(int(ready[1]))
                    process.terminate()
            out = process.stdout.read()
            deadline.cancel()
            return Result(process.wait(), out, "".join(log), answer)

    def ask(port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/predict", json.dumps({"inputs": "I loved it."}),
                               {"Content-Type": "application/json"})
            return connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException) as error:
            return f"no answer: {error!r}"
        finally:
            connection.close()

    if not SERVER.exists():
        pytest.skip(f"the server, as there is no {SERVER}")
    return serve
