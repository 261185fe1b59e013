#!/usr/bin/env python3
"""The rates of the Python package `tokenizers` and of Swiftlet's tokenizer, measured alternately.

  tokenizing.py MODEL TEXTS SECONDS SWIFTLET THREADS

SWIFTLET is the binary of swiftlet-benchmark. THREADS share a batch; that of `tokenizers` uses one or,
where THREADS is more than one, all that there are.

Prints JSON: the texts and, of each of the two, their tokens and the seconds for all texts once, text
by text and in a batch. A figure is the median of five turns, which follow one another at once.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

TURNS = 5
# A batch of a server's size, not of one page; swiftlet-benchmark has the same.
REPEATS = 16


def median(values):
    return sorted(values)[len(values) // 2]


def median_time(function, seconds):
    function()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < seconds or len(times) < 3:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return median(times)


class Package:
    def __init__(self, model, lines, seconds):
        from tokenizers import BertWordPieceTokenizer

        self.tokenizer = BertWordPieceTokenizer(str(Path(model) / "vocab.txt"), lowercase=True)
        self.lines, self.batch, self.seconds = lines, lines * REPEATS, seconds
        self.tokens = sum(len(encoding.ids) for encoding in self.tokenizer.encode_batch(lines))

    def one_by_one(self):
        encode, lines = self.tokenizer.encode, self.lines
        return median_time(lambda: [encode(line) for line in lines], self.seconds)

    def in_batch(self):
        return median_time(lambda: self.tokenizer.encode_batch(self.batch), self.seconds) / REPEATS


class Swiftlet:
    def __init__(self, binary, model, texts, threads, seconds):
        command = [binary, "tokenizer", model, texts, "--threads", threads, "--time", str(seconds)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        if self.process.stdout.readline().strip() != "@READY":
            raise SystemExit("swiftlet-benchmark tokenizer did not start")
        self.tokens = 0

    def ask(self, name):
        self.process.stdin.write(name + "\n")
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("swiftlet-benchmark tokenizer ended early")
        answer = json.loads(answer)
        self.tokens = answer["tokens"]
        return answer["seconds"]

    def one_by_one(self):
        return self.ask("one_by_one")

    def in_batch(self):
        return self.ask("batch")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    model, texts, seconds, binary, threads = sys.argv[1:]
    # Before the package's first batch, which makes its threads.
    os.environ["TOKENIZERS_PARALLELISM"] = "false" if threads == "1" else "true"
    lines = [line for line in Path(texts).read_text().split("\n") if line]
    turn = float(seconds) / TURNS
    ours, theirs = Swiftlet(binary, model, texts, threads, turn), Package(model, lines, turn)
    rates = {"swiftlet": ours, "tokenizers": theirs}
    times = {name: {"one_by_one_s": [], "batch_s": []} for name in rates}
    for _ in range(TURNS):
        for name, side in rates.items():
            times[name]["one_by_one_s"].append(side.one_by_one())
        for name, side in rates.items():
            times[name]["batch_s"].append(side.in_batch())
    ours.end()
    found = {"texts": len(lines), "bytes": sum(len(line.encode()) for line in lines)}
    for name, side in rates.items():
        found[name] = {key: median(each) for key, each in times[name].items()}
        found[name]["tokens"] = side.tokens
    print(json.dumps(found))


if __name__ == "__main__":
    main()
