"""Fixtures that run the built command line, each test in a folder of its own.

SWIFTLET_TEST_PROGRAM names the program; otherwise it is the release build."""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import pty
import shutil
import signal
import struct
import subprocess
import termios
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build/release/swiftlet")).resolve()
BUNDLED = ROOT / "weights/sentiment"
HEADS = ROOT / "Tests/Fixtures/heads"
PLAIN = ROOT / "Tests/Fixtures/checkpoints/plain"
GOOD = ["I loved it", "Wonderful", "A delight", "Warm and funny"]
BAD = ["Dreadful", "A waste of time", "Boring", "Never again"]
LONG_TEXT = "many words make a long text " * 300


@dataclasses.dataclass
class Result:
    """What a program returned and wrote."""

    status: int
    out: str
    err: str

    @property
    def lines(self):
        """The lines of standard output, of which the last one is complete."""
        lines = self.out.split("\n")
        assert lines.pop() == ""
        return lines

    @property
    def rows(self):
        """The JSON object of each line of a program that succeeded."""
        assert self.status == 0
        return [json.loads(line) for line in self.lines]

    def shows(self, text):
        assert self.status == 0
        assert text in self.out

    def fails(self, status, text):
        """Nothing on standard output, and one line with the text on standard error."""
        assert (self.status, self.out) == (status, "")
        assert self.err.startswith("swiftlet: error: ") and text in self.err
        assert self.err.count("\n") == 1

    def is_misuse(self, text):
        """Status 64, and one message with the text, which the usage may follow."""
        assert (self.status, self.out) == (64, "")
        assert self.err.startswith("swiftlet: error: ") and text in self.err
        assert "\nswiftlet: error: " not in self.err

    def fails_after(self, count, text):
        """The rows before the error are written, and the message has the text."""
        assert self.status == 65 and len(self.lines) == count
        assert f"swiftlet: error: {text}" in self.err


class Program:
    """Runs swiftlet in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *arguments, stdin="", environment=None, **options):
        process = subprocess.run(
            [PROGRAM, *map(str, arguments)], input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True, cwd=self.folder, env={**os.environ, **(environment or {})}, **options)
        return Result(process.returncode, process.stdout.decode(), process.stderr.decode())

    def start(self, *arguments, **options):
        """A process in the background, with its output as files."""
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder,
                                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})


@pytest.fixture
def swiftlet(tmp_path):
    return Program(tmp_path)


@pytest.fixture
def write(tmp_path):
    """Writes a file into the test's folder and returns its path."""
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def files(write):
    """Two or three reviews in each format."""
    write("lines.txt", "I loved it.\n\nDreadful.\n")
    write("rows.csv", 'id,text,n\na1,"Fine, ""really""\nfine",1\na2,Dreadful,2\n')
    write("rows.tsv", "label\tcontent\n1\tI loved it.\n0\tDreadful.\n1\tWonderful, all of it.\n")
    write("rows.jsonl", '{"text":"I loved it.","id":7}\n{"text":"Dreadful.","id":"b"}\n')


@pytest.fixture
def many(write):
    """The name of a file of 700 lines."""
    return write("many.txt", "".join(f"text number {number}\n" for number in range(1, 701))).name


@pytest.fixture
def model(tmp_path):
    """Copies a model, the bundled one by default, into the test's folder; its weights are links."""
    def copy(source, target):
        if source.endswith(".safetensors"):
            os.symlink(source, target)
        else:
            shutil.copyfile(source, target)

    return lambda name, source=BUNDLED: shutil.copytree(source, tmp_path / name, copy_function=copy)


@pytest.fixture(scope="session")
def int8(tmp_path_factory):
    """The folder of the bundled model in int8; tests do not change it."""
    folder = tmp_path_factory.mktemp("quantized")
    result = Program(folder)("quantize", "--output", "int8")
    assert result.status == 0, result
    return folder / "int8"


@pytest.fixture
def start(swiftlet):
    """Starts swiftlet with a pipe as standard input, interruptible even if the tests are not."""
    with contextlib.ExitStack() as processes:
        def start(*arguments, **options):
            process = swiftlet.start(
                *arguments, stdin=subprocess.PIPE,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler), **options)
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        yield start


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


class Terminal:
    """A terminal of a width, on which swiftlet runs with all its streams."""

    def __init__(self, folder, *arguments, columns=100, environment=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen(
            [PROGRAM, *arguments], stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
            env={**inherited, "TERM": "xterm-256color", **(environment or {})})
        os.close(slave)
        self.shown = ""

    def read(self, until=None):
        """Reads to the end or to a text; True unless the end came first."""
        while until is None or until not in self.shown:
            try:
                part = os.read(self.master, 65536)
            except OSError:  # Linux reports the end of a terminal as EIO.
                part = b""
            if not part:
                return False
            self.shown += part.decode(errors="replace")
        return True


@pytest.fixture
def terminal(tmp_path):
    with contextlib.ExitStack() as cleanup:
        def terminal(*arguments, **options):
            made = Terminal(tmp_path, *arguments, **options)
            cleanup.callback(os.close, made.master)
            cleanup.callback(made.process.wait)
            cleanup.callback(made.process.kill)
            return made

        yield terminal


@pytest.fixture
def on_terminal(terminal):
    """Runs swiftlet on a terminal to its end, and returns its status and what the terminal shows."""
    def on_terminal(*arguments, **options):
        made = terminal(*arguments, **options)
        made.read()
        return made.process.wait(), made.shown

    return on_terminal


# Training


def table(rows, header="text,label"):
    return header + "\n" + "".join(f"{text},{label}\n" for text, label in rows)


@pytest.fixture
def reviews(write):
    """A table of 64 reviews with the labels good and bad."""
    texts = [(f"{text} {number}", label) for number in range(8)
             for label, texts in [("good", GOOD), ("bad", BAD)] for text in texts]
    return write("reviews.csv", table(texts, "review,label"))


@pytest.fixture
def train(swiftlet, reviews):
    """Runs swiftlet train on the reviews with a tiny model, unless the arguments name others."""
    def train(*arguments, **options):
        words = list(map(str, arguments))
        for flag, value in [("--model", PLAIN), ("--file", reviews.name), ("--output", "out")]:
            if flag not in words and not (flag == "--output" and {"--cross-validate", "--dry-run"} & set(words)):
                words += [flag, str(value)]
        return swiftlet("train", *words, **options)

    return train
