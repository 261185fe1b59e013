#!/usr/bin/env python3
"""Serves several models, loads new versions of them under load, and reads compressed answers.

  models.py SERVER [--only NAME] [--seconds N]

zlib expands what the server has compressed.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import zlib

from operations import Failure, Load, expect, wait_until
from process import ServerProcess

ROOT = pathlib.Path(__file__).parent.parent.parent
SENTIMENT = ROOT / "weights" / "sentiment"
HEADS = ROOT / "Tests" / "Fixtures" / "heads"
KEY = {"Authorization": "Bearer k"}


def switch(link, target):
    """Points a link to another folder in one step, as deployments do."""
    other = link.with_suffix(".new")
    other.symlink_to(target)
    os.replace(other, link)


def fingerprint(server, path="/info"):
    return json.loads(server.request("GET", path, headers=KEY)[2])["model_fingerprint"]


def settled_memory(server):
    """The least resident megabytes within a second: the version before stays until its requests are answered."""
    found = []
    for _ in range(20):
        found.append(server.resident_bytes() >> 20)
        time.sleep(0.05)
    return min(found)


def reloads(binary, seconds):
    """20 versions are loaded under load: no request is lost, and memory stays flat."""
    with tempfile.TemporaryDirectory() as folder:
        copy, link = pathlib.Path(folder, "copy"), pathlib.Path(folder, "current")
        shutil.copytree(SENTIMENT, copy)
        # The same answers under another identity.
        config = json.loads((SENTIMENT / "config.json").read_text())
        (copy / "config.json").write_text(json.dumps(config, indent=1))
        switch(link, SENTIMENT)
        with ServerProcess(binary, "--model-id", f"mood={link}") as server:
            server.wait_until_healthy()
            known, memory = {fingerprint(server)}, []
            with Load(server) as load:
                for round in range(20):
                    before = fingerprint(server)
                    switch(link, copy if round % 2 == 0 else SENTIMENT)
                    server.process.send_signal(signal.SIGHUP)
                    expect(
                        wait_until(lambda: fingerprint(server) != before, 60),
                        f"version {round} was not loaded: {server.text_of_log()}",
                    )
                    known.add(fingerprint(server))
                    memory.append(settled_memory(server))
                # A version that can't be loaded.
                broken = pathlib.Path(folder, "broken")
                broken.mkdir()
                switch(link, broken)
                before = fingerprint(server)
                server.process.send_signal(signal.SIGHUP)
                expect(
                    wait_until(lambda: "keeps serving" in server.text_of_log(), 20),
                    f"the failure is not logged: {server.text_of_log()}",
                )
                expect(fingerprint(server) == before, "a broken version was taken")
                time.sleep(0.5)
            load.check()
            expect(len(known) == 2, f"fingerprints: {known}")
            growth = max(memory[10:]) - max(memory[:5])
            expect(growth < 40, f"memory grows with each version: {memory} MB")
            expect(server.terminate() == 0, "not stopped")
    return f"{load.statuses[200]} requests, slowest {load.slowest * 1000:.0f} ms, {memory[0]} to {memory[-1]} MB"


def shares(binary, seconds):
    """A model that many clients keep busy leaves another its share."""
    options = ["--model-id", f"mood={SENTIMENT}", "--model-id", f"embed={HEADS / 'embed-mean'}"]
    with ServerProcess(binary, *options, "--request-timeout", "300") as server:
        server.wait_until_healthy()
        text = json.dumps({"inputs": "a short text"}).encode()

        def time_of(count=40):
            times = []
            for _ in range(count):
                begin = time.monotonic()
                expect(server.request("POST", "/models/embed/embed", text)[0] == 200, "refused")
                times.append(time.monotonic() - begin)
            return sorted(times)[count // 2]

        alone, stopping = time_of(), threading.Event()
        batch = json.dumps({"inputs": [["good " * 100]] * 16}).encode()

        def burst():
            while not stopping.is_set():
                server.request("POST", "/predict", batch, timeout=300)

        threads = [threading.Thread(target=burst) for _ in range(24)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        beside = time_of()
        stopping.set()
        for thread in threads:
            thread.join()
        # A pass of the busy model and the machine's other work, not its queue of 384 texts.
        expect(beside < alone + 0.5, f"{beside:.3f} s beside the burst, {alone:.3f} s alone")
    return f"median {alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside 24 clients"


def compression(binary, seconds):
    """Texts that come back in answers are the same bytes after zlib has expanded them."""
    source = random.Random(7)
    with ServerProcess(binary, "--model-id", str(HEADS / "reranker")) as server:
        server.wait_until_healthy()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

        def answer(body, accepted):
            heads = {"Content-Type": "application/json", "Accept-Encoding": accepted}
            connection.request("POST", "/rerank", body, heads)
            response = connection.getresponse()
            content = response.read()
            expect(response.status == 200, f"{response.status} {content[:200]}")
            return response.headers, content

        count, before, after, end = 0, 0, 0, time.monotonic() + seconds
        while time.monotonic() < end:
            alphabet = source.choice(["ab ", "0123456789.,-", "äöü€😀 xyz\"\\\n", "".join(map(chr, range(32, 1000)))])
            size = source.choice([10, 300, 3000, 30000])
            texts = ["".join(source.choices(alphabet, k=source.randint(1, size))) for _ in range(source.randint(1, 16))]
            texts += texts[: source.randint(0, 8)]
            body = json.dumps({"query": "q", "texts": texts, "return_text": True}).encode()
            if len(body) > 1_900_000:
                continue
            plain = answer(body, "identity")[1]
            fields, packed = answer(body, "gzip")
            count += 1
            if fields.get("Content-Encoding") == "gzip":
                expand = zlib.decompressobj(31)
                expect(expand.decompress(packed) == plain, f"other bytes for {body[:200]}")
                expect(expand.eof and not expand.unused_data, "not one whole gzip file")
                before, after = before + len(plain), after + len(packed)
            else:
                expect(packed == plain and len(plain) < 1024, f"{len(plain)} bytes are not compressed")
        expect(after > 0, "nothing was compressed")
    return f"{count} answers, {before} bytes as {after}"


CHECKS = [reloads, shares, compression]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--only", choices=[check.__name__ for check in CHECKS])
    parser.add_argument("--seconds", type=float, default=10, help="of random texts")
    arguments = parser.parse_args()
    failed = 0
    for check in CHECKS:
        if arguments.only not in (None, check.__name__):
            continue
        begin = time.monotonic()
        try:
            detail = check(arguments.server, arguments.seconds)
            print(f"{check.__name__}: {time.monotonic() - begin:.0f} s. {detail}", flush=True)
        except (Failure, OSError) as error:
            failed += 1
            print(f"FAIL {check.__name__}: {error}", file=sys.stderr, flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
