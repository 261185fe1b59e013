#!/usr/bin/env python3
"""Measures training steps of Swiftlet and PyTorch side by side and writes a file of results.

  python compare_training.py --swiftlet "COMMAND" --models FOLDER --output FILE.json

For each model and case every program is loaded in a process of its own, and they take turns: what happens to the
machine happens to all alike. A figure is the median of the turns. COMMAND gets the options of `train_torch.py
turns` that concern it, --model, --case, --lengths, --threads, --seconds, --batches and --precision, and speaks
its protocol: it prints `@READY`, then a line of JSON for each line that it reads, until an empty one. Models that
MODELS lacks are made there. The names of figures in bfloat16 end with -bfloat16.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

from compare import describe_machine, has_bfloat16

HERE = Path(__file__).resolve().parent
TORCH = HERE / "train_torch.py"
LENGTHS = HERE / "training-lengths.json"
MODELS = ("distilbert-base", "minilm-l6")
CASES = tuple(json.loads(LENGTHS.read_text())["cases"])


class Worker:
    """A program that measures whenever it is its turn."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline().strip() != "@READY":
            raise RuntimeError(f"{name} did not start: {shlex.join(map(str, command))}")

    def measure(self):
        print("measure", file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended")
        return json.loads(line)

    def end(self):
        self.process.communicate("\n")


def commands(arguments, model, case, threads):
    """By name what is compared: Swiftlet, and PyTorch in each arrangement."""
    common = ["--model", arguments.models / model, "--case", case, "--threads", threads]
    common += ["--seconds", arguments.seconds, "--batches", arguments.batches]
    found = {}
    for precision in arguments.precisions:
        suffix = "" if precision == "float32" else f"-{precision}"
        options = [*common, "--precision", precision]
        if arguments.swiftlet:
            own = [*shlex.split(arguments.swiftlet), *options, "--lengths", LENGTHS]
            found[f"swiftlet{suffix}"] = own
        for attention in arguments.attention:
            for arrangement in ("padded",) if case == "128" else ("padded", "grouped"):
                name = f"pytorch-{arrangement}-{attention}"
                command = [sys.executable, TORCH, "turns", *options]
                command += ["--arrangement", arrangement, "--attention", attention]
                found[f"{name}{suffix}"] = command
                if arguments.compiled:
                    found[f"{name}-compiled{suffix}"] = [*command, "--compile"]
    return found


def median_of(turns):
    """The median of each figure, and the first turn's words."""
    found = {}
    for key, value in turns[0].items():
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        found[key] = statistics.median(turn[key] for turn in turns) if is_number else value
    return found | {"turns": [turn["tokensPerSecond"] for turn in turns]}


def compare(arguments, model, case, threads):
    workers = [Worker(*pair) for pair in commands(arguments, model, case, threads).items()]
    turns = {worker.name: [] for worker in workers}
    try:
        for number in range(arguments.rounds):
            shift = number % len(workers)
            for worker in workers[shift:] + workers[:shift]:
                time.sleep(0.3)  # the threads of the program before may spin for a while
                turns[worker.name].append(worker.measure())
    finally:
        for worker in workers:
            worker.end()
    figures = {name: median_of(found) for name, found in turns.items()}
    for name, found in figures.items():
        print(
            f"{model}, {case}, {threads} threads, {name}: {found['tokensPerSecond']:.0f} tokens/s, "
            f"{found['peakMegabytes']:.0f} MB, first step after {found['secondsToFirstStep']:.2f} s",
            flush=True,
        )
    return figures


def swiftlet_version():
    command = ["git", "-C", HERE, "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--swiftlet", help="the worker's command; without it PyTorch runs alone")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only-models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--threads", nargs="+", type=int, default=[len(os.sched_getaffinity(0))])
    parser.add_argument(
        "--precisions",
        nargs="+",
        choices=["float32", "bfloat16"],
        default=["float32", "bfloat16"] if has_bfloat16() else ["float32"],
        help="default: bfloat16 where the processor has AVX512_BF16",
    )
    parser.add_argument("--attention", nargs="+", choices=["eager", "sdpa"], default=["sdpa"])
    parser.add_argument("--compiled", action="store_true", help="torch.compile too: takes minutes to compile")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1, help="of a turn, at least one pass")
    parser.add_argument("--batches", type=int, default=10, help="in a pass, evenly spread; 40 are all")
    arguments = parser.parse_args()
    machine, begin = describe_machine(), time.strftime("%Y-%m-%d %H:%M")
    if "bfloat16" not in arguments.precisions:
        print("bfloat16 is not measured" + ("" if has_bfloat16() else ": the processor has no AVX512_BF16"))
    results = []
    for model in arguments.only_models:
        if not (arguments.models / model / "model.safetensors").exists():
            make = [sys.executable, TORCH, "make-model", model, arguments.models / model]
            subprocess.run(list(map(str, make)), check=True)
        for case in arguments.cases:
            for threads in arguments.threads:
                figures = compare(arguments, model, case, threads)
                results.append({"model": model, "case": case, "threads": threads, "figures": figures})
    content = {
        "machine": machine,
        "date": begin,
        "rounds": arguments.rounds,
        "swiftlet": swiftlet_version(),
        "results": results,
    }
    arguments.output.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
