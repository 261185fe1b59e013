"""Runs the commands of a document's shell blocks, one after another, as in one terminal."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import exceptions
import inputs
from blocks import same

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Server"))
from process import free_ports  # noqa: E402

SERVER = re.compile(r"^(?:\w+=\S+ )*swiftlet-server\b")
PORT = re.compile(r"(localhost:|--port |-p )(\d+)\b")


class Failure(Exception):
    pass


class Terminal:
    """Variables that a command exports stay for the next; so does the server that it started."""

    def __init__(self, root, folder, environment):
        self.root, self.folder = root, folder
        self.variables = folder / "variables"
        self.variables.write_text("")
        self.environment = environment
        self.ports = {}
        self.server = None
        self.last_output = None

    def port(self, number):
        if number not in self.ports:
            self.ports[number] = str(free_ports(1)[0])
        return self.ports[number]

    def run(self, command):
        """Whether it was run, and not listed as one that can't be."""
        document, text = command.block.document, command.text
        for rule in exceptions.SKIPPED:
            if rule.matches(document, text):
                self.last_output = None
                if rule.instead:
                    self.bash(rule.instead, self.root)
                return False
        for rule in exceptions.CHANGED:
            if rule.matches(document, text):
                replacement = rule.instead.format(prefix=self.folder / "prefix")
                text = re.sub(rule.pattern, lambda _: replacement, text)
        inputs.link_models(self.root, self.folder, text)
        text = PORT.sub(lambda match: match[1] + self.port(match[2]), text)
        if command.output.startswith("HTTP/"):
            text = text.replace("curl ", "curl --disable ")  # no .curlrc: the failure is shown
        if SERVER.match(text):
            self.start_server(text)
            self.last_output = None
            return True
        if re.search(r"\bcurl\b", text) and self.server is None:
            self.start_server("swiftlet-server")
        if any(rule.matches(document, text) for rule in exceptions.ENDLESS):
            self.last_output = self.run_until_answer(text)
        else:
            self.last_output = self.bash(text, self.place(command))
        if command.output:
            self.compare(command.output)
        return True

    def place(self, command):
        """The folder that a command is for."""
        if re.match(r"(scripts/|make )", command.text):
            return self.root
        if command.block.section == exceptions.OF_THE_PACKAGE:
            return self.root / ".build/documentation/App"
        return self.folder

    def compare(self, expected):
        found = self.last_output
        if expected.startswith("HTTP/"):
            head, _, body = found.partition("\n\n")
            found = head.split("\n")[0] + "\n" + body
        if not same(expected, found):
            raise Failure(f"shown:\n{expected.rstrip()}\nfound:\n{found.rstrip()}")

    def process(self, text, folder, **options):
        script = (f"set -euo pipefail; source '{self.variables}'\n{text}\n"
                  f"export -p >'{self.variables}'")
        return subprocess.Popen(
            ["bash", "-c", script], cwd=folder, text=True, env=self.environment,
            stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def bash(self, text, folder):
        process = self.process(text, folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            output, errors = process.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            stop(process, signal.SIGKILL)
            raise Failure("does not end") from None
        if process.returncode != 0:
            raise Failure(f"exit status {process.returncode}\n{output[-1000:]}{errors[-3000:]}")
        return output

    def run_until_answer(self, text):
        process = self.process(text, self.folder, stdout=subprocess.PIPE)
        timer = subprocess.Popen(["sh", "-c", f"sleep 60; kill -9 -{process.pid}"],
                                 start_new_session=True)
        output = process.stdout.readline() + process.stdout.readline()
        stop(timer, signal.SIGKILL)
        stop(process, signal.SIGKILL)
        if output.count("\n") != 2:
            raise Failure("no answer within a minute")
        return output

    def start_server(self, text):
        self.stop_server()
        named = PORT.search(text)
        port = named[2] if named else self.port("3000")
        log = open(self.folder / "server.log", "w+")
        with_port = f"export PORT={self.port('3000')} HOSTNAME=127.0.0.1\nexec env {text}"
        self.server = self.process(with_port, self.folder, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while subprocess.run(["curl", "-sf", f"localhost:{port}/health"],
                             capture_output=True).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > end:
                log.seek(0)
                raise Failure(f"the server does not get healthy:\n{log.read()[-2000:]}")
            time.sleep(0.05)

    def stop_server(self):
        if self.server is None:
            return
        server, self.server = self.server, None
        server.send_signal(signal.SIGTERM)
        try:
            status = server.wait(60)
        except subprocess.TimeoutExpired:
            stop(server, signal.SIGKILL)
            raise Failure("the server does not stop") from None
        if status != 0:
            raise Failure(f"the server stopped with status {status}")


def stop(process, number):
    """Ends a process that was started in a session of its own, and its children."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass
    process.wait()
