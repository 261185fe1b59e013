"""Fixtures that run the built command line, each test in a folder of its own.

SWIFTLET_TEST_PROGRAM names the program; otherwise it is the release build."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build/release/swiftlet")).resolve()
BUNDLED = ROOT / "weights/sentiment"
HEADS = ROOT / "Tests/Fixtures/heads"
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
