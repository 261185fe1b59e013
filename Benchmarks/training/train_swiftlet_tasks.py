#!/usr/bin/env python3
"""Fine-tunes the same checkpoint on the same tasks with `swiftlet train`.

  python train_swiftlet_tasks.py --swiftlet BINARY --data PREPARED --base MODEL --work FOLDER
                                 [--task NAME …] [--seed N …] [--precision float32|bfloat16] [--limit-minutes M]

Trains each task and seed that has no results/swiftlet-TASK-SEED.json (in bfloat16: swiftlet-bfloat16-TASK-SEED.json),
and scores the folder that Swiftlet wrote with the code that scores PyTorch's models. After --limit-minutes it begins no other training.
"""

import argparse
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import torch
from train_torch_tasks import HERE, SETTINGS, score_folder

#: The settings that are flags of `swiftlet train`; stride is 128 there by default.
FLAGS = ("task", "epochs", "batchSize", "learningRate", "maxLength", "warmup", "weightDecay")
FLAGS += ("gradientClipping", "schedule")


def command(name, seed, arguments, output):
    settings = SETTINGS["common"] | SETTINGS["tasks"][name]
    words = [arguments.swiftlet.absolute(), "train", "--model", arguments.base, "--output", output]
    words += ["--file", arguments.data / settings["train"], "--validation", "none"]
    words += ["--seed", seed, "--threads", arguments.threads]
    words += ["--precision", arguments.precision] if arguments.precision != "float32" else []
    for key in FLAGS:
        flag = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", key)
        words += [f"--{flag}", settings[key]]
    if settings["groupByLength"]:
        words.append("--group-by-length")
    return list(map(str, words))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--swiftlet", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--task", choices=list(SETTINGS["tasks"]), action="append")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--limit-minutes", type=float, default=float("inf"))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.work.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + 60 * arguments.limit_minutes
    engine = "swiftlet" if arguments.precision == "float32" else f"swiftlet-{arguments.precision}"
    for seed in arguments.seed or SETTINGS["seeds"]:
        for name in arguments.task or SETTINGS["tasks"]:
            if (HERE / "results" / f"{engine}-{name}-{seed}.json").exists():
                continue
            if time.monotonic() > deadline:
                return print("The time is over; run the same command to go on.")
            output = arguments.work / f"{engine}-{name}-{seed}"
            shutil.rmtree(output, ignore_errors=True)
            start = time.monotonic()
            subprocess.run(command(name, seed, arguments, output), check=True)
            seconds = round(time.monotonic() - start, 1)
            score_folder(engine, name, seed, arguments.data, output, {"trainingSeconds": seconds})
            shutil.rmtree(output)


if __name__ == "__main__":
    main()
