"""The server as a process: started on a free port, watched, told to stop."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time


def free_ports(count):
    """Free ports of this machine."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class ServerProcess:
    """A server on the loopback interface; a context manager that ends it in any case.

    `errors` is where its standard error goes instead of its log; `setup` is called in the new process."""

    def __init__(self, binary, *options, port=None, environment=None, errors=None, setup=None):
        self.port = port or free_ports(1)[0]
        self.log = tempfile.NamedTemporaryFile("w+", prefix="swiftlet-server-", suffix=".log")
        self.process = subprocess.Popen(
            [binary, "--hostname", "127.0.0.1", "--port", str(self.port), *options],
            stdout=self.log,
            stderr=errors or subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LOG_LEVEL": "warn", **(environment or {})},
            preexec_fn=setup,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def text_of_log(self):
        with open(self.log.name, errors="replace") as file:
            return file.read()[-4000:]

    def is_running(self):
        return self.process.poll() is None

    def healthy(self):
        try:
            return self.request("GET", "/health", timeout=2)[0] == 200
        except OSError:
            return False

    def wait_until_healthy(self, seconds=60):
        end = time.monotonic() + seconds
        while not self.healthy():
            if not self.is_running():
                raise SystemExit(
                    f"the server ended with {self.process.returncode}:\n{self.text_of_log()}"
                )
            if time.monotonic() > end:
                raise SystemExit(f"the server is not healthy after {seconds} s:\n{self.text_of_log()}")
            time.sleep(0.05)
        return self

    def request(self, method, path, body=None, headers=None, timeout=30):
        """Status, headers and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            heads = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body, {**heads, **(headers or {})})
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        except http.client.HTTPException as error:
            raise OSError(f"no HTTP answer: {error!r}") from error
        finally:
            connection.close()

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Rss:"))

    def peak_bytes(self):
        """The most memory that was ever resident."""
        return self._status_bytes("VmHWM:")

    def address_bytes(self):
        """The address space, which `ulimit -v` limits."""
        return self._status_bytes("VmSize:")

    def _status_bytes(self, name):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self, seconds=60):
        """Tells it to stop, and gives its status: -9 if it had to be killed after so many seconds."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.returncode
