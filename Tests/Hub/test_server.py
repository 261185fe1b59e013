"""The server downloads its model before it listens.

SWIFTLET_TEST_SERVER names the program, built with the trait Hub."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
from conftest import NAME, ROOT, TOKEN, model_files

SERVER = pathlib.Path(os.environ.get("SWIFTLET_TEST_SERVER", ROOT / ".build-server/debug/swiftlet-server"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(client, *arguments, **environment):
    port = free_port()
    process = subprocess.Popen(
        [SERVER, "--hostname", "127.0.0.1", "--port", str(port), *arguments], cwd=client.home, text=True,
        env=client.variables(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return process, f"http://127.0.0.1:{port}"


def info(address):
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/health")
            return json.load(urllib.request.urlopen(f"{address}/info"))
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.mark.parametrize("arguments, environment", [
    (["--model-id", NAME, "--hf-token", TOKEN], {}), (["--model-id", f"{NAME}@main"], {"HF_TOKEN": TOKEN}),
    (["--revision", "main"], {"MODEL_ID": NAME, "HF_API_TOKEN": TOKEN}),
])
def test_a_model_of_the_hub_is_served(pair, arguments, environment):
    repository = pair.hub.add(NAME, model_files(), token=TOKEN)
    process, address = start(pair.swiftlet, *arguments, **environment)
    try:
        answer = info(address)
        assert answer["model_id"] == NAME and answer["model_sha"] == repository.main
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert TOKEN not in output and not pair.hub.leaks
    assert pair.python.snapshot(HF_TOKEN=TOKEN).status == 0
    pair.same()


def test_a_cache_of_its_own(pair, repository):
    process, address = start(pair.swiftlet, "--model-id", NAME, "--huggingface-hub-cache", "elsewhere")
    try:
        info(address)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert (pair.swiftlet.home / "elsewhere/models--org--model").is_dir() and not pair.swiftlet.cache.exists()


@pytest.mark.parametrize("name, status, words", [
    ("org/missing", 66, "the Hub has no model org/missing"), ("org/na--me", 66, "is not a directory"),
    (f"{NAME}@nowhere", 66, "no revision"),
])
def test_a_model_that_is_missing_ends_the_start(pair, repository, name, status, words):
    process, _ = start(pair.swiftlet, "--model-id", name)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == status and words in output, output


def test_two_revisions_contradict(pair, repository):
    process, _ = start(pair.swiftlet, "--model-id", f"{NAME}@main", "--revision", "v1")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 64 and "two revisions" in output, output
