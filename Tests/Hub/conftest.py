"""Fixtures that run Swiftlet and huggingface_hub against one fake Hub, each with a cache of its own.

SWIFTLET_TEST_PROGRAM names the program, built with the trait Hub."""

import dataclasses
import json
import os
import pathlib
import stat
import signal
import subprocess
import sys
import time

import pytest
from fake_hub import FakeHub, Large

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build-hub/release/swiftlet")).resolve()
PLAIN = ROOT / "Tests/Fixtures/checkpoints/plain"
SENTENCE = ROOT / "Tests/Fixtures/heads/embed-mean"
NAME = "org/model"
TOKEN = "hf_fake_token"


@dataclasses.dataclass
class Result:
    status: int
    out: str
    err: str

    @property
    def path(self):
        assert self.status == 0, self.err
        return self.out.strip().split("\n")[-1]

    def fails(self, status, *texts):
        """Nothing on standard output; an error with the texts on standard error."""
        assert (self.status, self.out) == (status, ""), self
        assert "swiftlet: error: " in self.err
        for text in texts:
            assert text in self.err, self.err


class Client:
    """A client with a home and a cache of its own."""

    def __init__(self, hub, home):
        self.hub, self.home = hub, home
        self.cache = home / "hub"
        self.umask = -1
        self.environment = {}
        home.mkdir()

    def variables(self, environment):
        inherited = {name: value for name, value in os.environ.items()
                     if not name.startswith(("HF_", "HUGGING", "XDG_", "TRANSFORMERS_"))
                     and not name.lower().endswith("_proxy")}
        return {**inherited, "HF_ENDPOINT": self.hub.endpoint, "HF_HOME": str(self.home),
                "HF_HUB_DISABLE_UPDATE_CHECK": "1",
                "HF_HUB_DISABLE_TELEMETRY": "1", **self.environment, **environment}

    def run(self, command, environment, **options):
        process = subprocess.run(
            command, capture_output=True, text=True, env=self.variables(environment), cwd=self.home, umask=self.umask,
            timeout=120, **options)
        return Result(process.returncode, process.stdout, process.stderr)


class Swiftlet(Client):
    def __call__(self, *arguments, **environment):
        return self.run([PROGRAM, *map(str, arguments)], environment)

    def start(self, *arguments, **environment):
        return subprocess.Popen(
            [PROGRAM, *map(str, arguments)], env=self.variables(environment), cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # A shell may have started the tests with SIGINT ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def snapshot(self, name=NAME, **environment):
        return self("download", name, **environment)

    def file(self, file, name=NAME, **environment):
        return self("download", name, file, **environment)

    def offline(self, name=NAME):
        return self.snapshot(name, HF_HUB_OFFLINE="1")


SNAPSHOT = """
import json, sys, huggingface_hub
name, _, revision = sys.argv[1].partition("@")
files = json.loads(sys.argv[2])
print(huggingface_hub.snapshot_download(name, revision=revision or None, allow_patterns=files))
"""

FILE = """
import sys, huggingface_hub
name, _, revision = sys.argv[1].partition("@")
print(huggingface_hub.hf_hub_download(name, sys.argv[2], revision=revision or None))
"""


class Python(Client):
    """huggingface_hub; its snapshots have the files that Swiftlet selects."""

    def snapshot(self, name=NAME, files=None, **environment):
        if files is None:
            files = NEEDED
        return self.run([sys.executable, "-c", SNAPSHOT, name, json.dumps(files)], environment)

    def file(self, file, name=NAME, **environment):
        return self.run([sys.executable, "-c", FILE, name, file], environment)

    def offline(self, name=NAME, files=None):
        return self.snapshot(name, files, HF_HUB_OFFLINE="1")


# Names of the files that a model needs; a repository has some of them.
NEEDED = ["config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json",
          "model.safetensors"]


def model_files(folder=PLAIN, weights="model.safetensors"):
    """The files of a fixture, with its weights outside of Git and files that a model does not need."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
             if path.is_file() and path.name != "golden.json"}
    files = {name: Large(content) if name == weights else content for name, content in files.items()}
    return {**files, "README.md": b"# A model\n", ".gitattributes": b"*.bin filter=lfs\n",
            "pytorch_model.bin": Large(b"pickle" * 1000), "tf_model.h5": Large(b"HDF" * 999),
            "onnx/model.onnx": Large(b"graph" * 777)}


def tree(folder, modes=False):
    """Every path of a folder: the target of a link, the bytes of a file, or None for a folder; with modes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = ("link", os.readlink(path))
            continue
        value = ("folder", None) if path.is_dir() else ("file", path.read_bytes())
        # huggingface_hub writes trees/*.json with mkstemp, for the owner alone.
        if modes and not name.endswith(".json"):
            value += (oct(stat.S_IMODE(path.stat().st_mode)),)
        found[name] = value
    return found


@dataclasses.dataclass
class Pair:
    """Both clients, and the Hub that they ask one after the other."""

    hub: FakeHub
    swiftlet: Swiftlet
    python: Python

    def both(self, method, *arguments, **environment):
        """Runs a method of both clients; each meets the same faults."""
        faults = [(fault, fault.times) for fault in self.hub.faults]
        ours = getattr(self.swiftlet, method)(*arguments, **environment)
        for fault, times in faults:
            fault.times = times
        theirs = getattr(self.python, method)(*arguments, **environment)
        return ours, theirs

    def same(self, modes=False):
        ours, theirs = tree(self.swiftlet.cache, modes), tree(self.python.cache, modes)
        assert ours.keys() == theirs.keys()
        assert ours == theirs
        assert not self.hub.leaks

    def agree(self, method, *arguments, **environment):
        """Both succeed with the same path below their caches, and leave the same cache; returns Swiftlet's."""
        ours, theirs = self.both(method, *arguments, **environment)
        assert theirs.status == 0, theirs.err
        assert (os.path.relpath(ours.path, self.swiftlet.cache)
                == os.path.relpath(theirs.path, self.python.cache))
        self.same()
        return ours

    def exchange(self, name=NAME, files=None):
        """Each client reads offline what the other wrote."""
        self.swiftlet.cache, self.python.cache = self.python.cache, self.swiftlet.cache
        self.swiftlet.environment["HF_HUB_CACHE"] = str(self.swiftlet.cache)
        self.python.environment["HF_HUB_CACHE"] = str(self.python.cache)
        before = len(self.hub.requests)
        ours, theirs = self.swiftlet.offline(name), self.python.offline(name, files)
        assert (os.path.relpath(ours.path, self.swiftlet.cache)
                == os.path.relpath(theirs.path, self.python.cache))
        assert len(self.hub.requests) == before
        self.same()


@pytest.fixture
def hub():
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def pair(hub, tmp_path):
    return Pair(hub, Swiftlet(hub, tmp_path / "swiftlet"), Python(hub, tmp_path / "python"))


@pytest.fixture
def swiftlet(pair):
    return pair.swiftlet


@pytest.fixture
def repository(hub):
    """A classifier with files that it does not need."""
    return hub.add(NAME, model_files())


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
