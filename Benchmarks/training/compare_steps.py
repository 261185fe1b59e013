#!/usr/bin/env python3
"""Compares the first steps of both programs without dropout, with the same weights and the same head.

  python compare_steps.py --swiftlet BINARY --data PREPARED --base MODEL --work FOLDER
                          [--task NAME …] [--steps N]

Prints for each task the largest relative difference of a step's loss and of its gradient's norm.
"""

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import torch
import transformers
from train_swiftlet_tasks import command
from train_torch_tasks import SETTINGS, OrderedTrainer, make_task, training_arguments
from transformers import AutoTokenizer

WITHOUT_DROPOUT = {
    "attention_probs_dropout_prob": 0.0,
    "hidden_dropout_prob": 0.0,
    "classifier_dropout": 0.0,
}


def torch_steps(name, arguments, folder):
    """Writes the model that both begin with, and returns Trainer's losses and norms."""
    tokenizer = AutoTokenizer.from_pretrained(arguments.base)
    task = make_task(name, arguments.data, tokenizer)
    transformers.set_seed(arguments.seed)
    kind = getattr(transformers, task.architecture)
    options = task.options() | WITHOUT_DROPOUT
    model = kind.from_pretrained(arguments.base, dtype=torch.float32, **options)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = training_arguments(arguments.work / "unused", task.settings, arguments.seed)
    settings.max_steps, settings.logging_steps, settings.save_strategy = arguments.steps, 1, "no"
    trainer = OrderedTrainer(
        model=model, args=settings, train_dataset=task.examples(), data_collator=task.collate
    )
    trainer.train()
    return [(entry["loss"], entry["grad_norm"]) for entry in trainer.state.log_history if "loss" in entry]


def swiftlet_steps(name, arguments, folder):
    output = arguments.work / f"steps-{name}"
    log = output.with_suffix(".jsonl")
    shutil.rmtree(output, ignore_errors=True)
    words = command(name, arguments.seed, argparse.Namespace(**vars(arguments) | {"base": folder}), output)
    place = words.index("--epochs")
    words[place : place + 2] = ["--max-steps", str(arguments.steps)]
    words += ["--dropout", "0", "--log-every", "1", "--log", str(log)]
    subprocess.run(words, check=True, capture_output=True)
    shutil.rmtree(output)
    events = map(json.loads, log.read_text().splitlines())
    return [(event["step_loss"], event["gradient_norm"]) for event in events if event["event"] == "step"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for flag in ("--swiftlet", "--data", "--base", "--work"):
        parser.add_argument(flag, type=Path, required=True)
    parser.add_argument("--task", choices=list(SETTINGS["tasks"]), action="append")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.task or SETTINGS["tasks"]:
        folder = arguments.work / f"begin-{name}"
        pairs = list(zip(torch_steps(name, arguments, folder), swiftlet_steps(name, arguments, folder), strict=True))
        loss, norm = (max(abs(ours[i] / theirs[i] - 1) for theirs, ours in pairs) for i in (0, 1))
        print(f"{name}: {len(pairs)} steps, loss {loss:.1e}, norm of the gradient {norm:.1e}", flush=True)


if __name__ == "__main__":
    main()
