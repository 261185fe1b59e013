#!/usr/bin/env python3
"""Fine-tunes a BERT checkpoint on each task of settings.json with PyTorch and transformers' Trainer.

  python train_torch_tasks.py train --data PREPARED --base MODEL --work FOLDER
                                    [--task NAME …] [--seed N …] [--limit-minutes M]
  python train_torch_tasks.py score --data PREPARED --task NAME --model FOLDER --engine NAME --seed N

`train` writes results/torch-TASK-SEED.json for each task and seed that has none. It stops after --limit-minutes
and goes on from there when it is started again; killed, from the last 500 steps. `score` evaluates a folder that another
program trained, with the same code, and writes results/ENGINE-TASK-SEED.json.
"""

import argparse
import json
import os
import platform
import shutil
import time
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", TOKENIZERS_PARALLELISM="false")

import tasks
import torch
import transformers
from transformers import AutoTokenizer, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_pt_utils import get_length_grouped_indices

HERE = Path(__file__).resolve().parent
SETTINGS = json.loads((HERE / "settings.json").read_text())


class Deadline(TrainerCallback):
    """Saves and stops after some steps or at some moment."""

    def __init__(self, moment, steps):
        self.moment, self.steps = moment, steps
        self.stopped = False

    def on_step_end(self, arguments, state, control, **_):
        over = time.monotonic() > self.moment or state.global_step == self.steps
        if over and state.global_step < state.max_steps:
            self.stopped = control.should_save = control.should_training_stop = True


class SimilarLengths(torch.utils.data.Sampler):
    """Trainer's order by length, from a generator of its own with seed + epoch: the order of `swiftlet train`.

    Trainer itself permutes the rows with torch's global generator, from which dropout draws too.
    """

    def __init__(self, lengths, batch_size, seed):
        self.lengths, self.batch_size, self.seed, self.epoch = lengths, batch_size, seed, 0

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __len__(self):
        return len(self.lengths)

    def __iter__(self):
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        return iter(get_length_grouped_indices(self.lengths, self.batch_size, generator=generator))


class OrderedTrainer(Trainer):
    def _get_train_sampler(self, dataset=None):
        if self.args.train_sampling_strategy != "group_by_length":
            return super()._get_train_sampler(dataset)
        lengths = [len(example["input_ids"]) for example in self.train_dataset]
        return SimilarLengths(lengths, self.args.train_batch_size, self.args.seed)


def training_arguments(folder, settings, seed):
    common = SETTINGS["common"]
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings["epochs"],
        per_device_train_batch_size=settings["batchSize"],
        learning_rate=settings["learningRate"],
        lr_scheduler_type=common["schedule"],
        warmup_steps=common["warmup"],
        weight_decay=common["weightDecay"],
        max_grad_norm=common["gradientClipping"],
        seed=seed,
        train_sampling_strategy="group_by_length" if common["groupByLength"] else "random",
        save_strategy="steps",
        save_steps=500,
        save_total_limit=1,
        logging_steps=50,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
    )


def newest_checkpoint(folder):
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    return found[-1] if found else None


def make_task(name, data, tokenizer):
    settings = SETTINGS["tasks"][name]
    return tasks.KINDS[settings["task"]](settings, data, tokenizer)


def train(name, seed, arguments, deadline):
    """The result of a training; None if it was stopped."""
    tokenizer = AutoTokenizer.from_pretrained(arguments.base)
    task = make_task(name, arguments.data, tokenizer)
    folder = arguments.work / f"{name}-{seed}"
    transformers.set_seed(seed)
    trainer = OrderedTrainer(
        model=task.model(arguments.base),
        args=training_arguments(folder, task.settings, seed),
        train_dataset=task.examples(),
        data_collator=task.collate,
        callbacks=[stop := Deadline(deadline, arguments.stop_after)],
    )
    spent = folder / "seconds.json"
    before = json.loads(spent.read_text()) if spent.exists() else 0
    checkpoint = newest_checkpoint(folder)
    start = time.monotonic()
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = before + time.monotonic() - start
    if stop.stopped:
        spent.write_text(json.dumps(seconds))
        return None
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    found = {
        "metrics": task.score(trainer.model),
        "trainingSeconds": round(seconds, 1),
        "steps": trainer.state.global_step,
        "trainLoss": losses[-1] if losses else None,
        "rows": {"train": len(task.train), "test": len(task.test)},
        "order": "seed + epoch",
    }
    shutil.rmtree(folder)
    return found


def versions():
    return {
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
    }


def write_result(engine, name, seed, found):
    settings = SETTINGS["common"] | SETTINGS["tasks"][name]
    result = {"engine": engine, "task": name, "seed": seed, **found}
    result |= {"settings": settings, "threads": torch.get_num_threads(), "versions": versions()}
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{engine}-{name}-{seed}.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(result, indent=1) + "\n")
    unfinished.rename(path)
    print(f"{path.name}: {found['metrics']}", flush=True)


def train_all(arguments):
    deadline = time.monotonic() + 60 * arguments.limit_minutes
    for seed in arguments.seed or SETTINGS["seeds"]:
        for name in arguments.task or SETTINGS["tasks"]:
            if (HERE / "results" / f"torch-{name}-{seed}.json").exists():
                continue
            if time.monotonic() > deadline:
                return print("The time is over; run the same command to go on.")
            found = train(name, seed, arguments, deadline)
            if found is None:
                return print(f"{name}, seed {seed}: stopped; run the same command to go on.")
            write_result("torch", name, seed, found)


def score_folder(engine, name, seed, data, folder, more):
    """Evaluates a trained model, and writes the result with `more` entries."""
    task = make_task(name, data, AutoTokenizer.from_pretrained(folder))
    kind = getattr(transformers, task.architecture)
    model = kind.from_pretrained(folder, dtype=torch.float32)
    if task.names:
        # The outputs are in the order of the model's own labels.
        task.names = [model.config.id2label[i] for i in range(model.config.num_labels)]
    rows = {"train": len(task.train), "test": len(task.test)}
    write_result(engine, name, seed, {"metrics": task.score(model), "rows": rows, **more})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    names = list(SETTINGS["tasks"])
    command = commands.add_parser("train")
    command.add_argument("--base", type=Path, required=True)
    command.add_argument("--work", type=Path, required=True)
    command.add_argument("--task", choices=names, action="append")
    command.add_argument("--seed", type=int, action="append")
    command.add_argument("--limit-minutes", type=float, default=float("inf"))
    command.add_argument("--stop-after", type=int, help="steps, to try it")
    command = commands.add_parser("score")
    command.add_argument("--model", type=Path, required=True)
    command.add_argument("--task", choices=names, required=True)
    command.add_argument("--engine", required=True)
    command.add_argument("--seed", type=int, required=True)
    for command in commands.choices.values():
        command.add_argument("--data", type=Path, required=True)
        command.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers.utils.logging.disable_progress_bar()
    if arguments.command == "train":
        return train_all(arguments)
    score_folder(arguments.engine, arguments.task, arguments.seed, arguments.data, arguments.model, {})


if __name__ == "__main__":
    main()
