#!/usr/bin/env python3
"""Trains a sequence classifier with PyTorch and transformers, and measures its steps.

  python train_torch.py make-model distilbert-base|minilm-l6 FOLDER
  python train_torch.py measure --model FOLDER --case 128|sst2|mixed [--arrangement padded|grouped]
                                [--precision float32|bfloat16] [--attention eager|sdpa] [--compile]
                                [--threads N] [--seconds S]
  python train_torch.py turns   (the same options)

A step is forward, backward, clipping and fused AdamW on 32 texts, with dropout, in float32, or under autocast
to bfloat16, as a Trainer's `bf16=True` has it. The tokens of a step are those of its texts, without padding. `measure` prints a line of JSON. `turns` prints `@READY` and then
measures once for each line of standard input until an empty one, for a harness that lets programs alternate.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", TOKENIZERS_PARALLELISM="false")

LENGTHS = Path(__file__).resolve().parent / "training-lengths.json"


def seconds_since_start():
    """Since the kernel started this process: importing PyTorch counts."""
    started = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return uptime - started / os.sysconf("SC_CLK_TCK")


# ---- Models ----


def make_model(arguments):
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    if arguments.name == "distilbert-base":
        config = transformers.DistilBertConfig(num_labels=2)
        model = transformers.DistilBertForSequenceClassification(config)
    else:
        config = transformers.BertConfig(
            hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
        )
        model = transformers.BertForSequenceClassification(config)
    model.save_pretrained(arguments.folder)


# ---- Batches ----


def drawn_texts(lengths, vocabulary):
    """Frequent tokens and rare ones, as in language: the rank of a token is log-uniform."""
    import numpy as np

    random = np.random.default_rng(1)
    first, last = 999, vocabulary - 1
    texts = []
    for length in lengths:
        ranks = (last - first) ** random.random(length)
        texts.append([101] + [int(first + rank) for rank in ranks[1:-1]] + [102])
    return texts


def batches(arguments, vocabulary):
    """Each step's inputs, and how many tokens its texts have."""
    import torch

    rows = json.loads(LENGTHS.read_text())["cases"][arguments.case]["batches"]
    size = len(rows[0])
    lengths = [length for row in rows for length in row]
    if arguments.arrangement == "grouped":
        # What Trainer's group_by_length does in 50 batches at a time; the longest come first.
        lengths.sort(reverse=True)
    texts = drawn_texts(lengths, vocabulary)
    steps = []
    for start in range(0, len(texts), size):
        batch = texts[start : start + size]
        width = max(map(len, batch))
        ids = torch.zeros(size, width, dtype=torch.int64)
        mask = torch.zeros(size, width, dtype=torch.int64)
        for row, text in enumerate(batch):
            ids[row, : len(text)] = torch.tensor(text)
            mask[row, : len(text)] = 1
        labels = torch.tensor([row % 2 for row in range(size)])
        inputs = {"input_ids": ids, "attention_mask": mask, "labels": labels}
        steps.append((inputs, sum(map(len, batch))))
    return steps


# ---- Training ----


class Training:
    def __init__(self, arguments):
        import torch
        import transformers

        torch.set_num_threads(arguments.threads)
        torch.manual_seed(0)
        transformers.utils.logging.disable_progress_bar()
        self.torch, self.arguments = torch, arguments
        model = transformers.AutoModelForSequenceClassification.from_pretrained(
            arguments.model, dtype=torch.float32, attn_implementation=arguments.attention
        )
        self.parameters = list(model.parameters())
        decays = [p for p in self.parameters if p.ndim > 1]
        others = [p for p in self.parameters if p.ndim == 1]
        groups = [{"params": decays, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=5e-5, fused=True)
        self.steps = batches(arguments, model.config.vocab_size)
        model.train()
        self.model = torch.compile(model) if arguments.compile else model
        self.is_narrow = arguments.precision == "bfloat16"
        self.to_first_step = seconds_since_start()
        # Compiling goes on while shapes are new.
        for index in range(len(self.steps) if arguments.compile else 3):
            self.step(index)

    def step(self, index):
        """The seconds of a step and its tokens."""
        inputs, tokens = self.steps[index]
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        with self.torch.autocast("cpu", dtype=self.torch.bfloat16, enabled=self.is_narrow):
            loss = self.model(**inputs).loss
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return time.perf_counter() - start, tokens

    def measure(self):
        """Whole passes over evenly spread batches, so that each measurement has the same lengths."""
        begin, taken = time.perf_counter(), []
        stride = max(1, len(self.steps) // self.arguments.batches)
        while not taken or time.perf_counter() - begin < self.arguments.seconds:
            taken += map(self.step, range(stride // 2, len(self.steps), stride))
        seconds = sum(time for time, _ in taken)
        texts = len(taken) * len(self.steps[0][0]["labels"])
        return {
            **self.described(),
            "steps": len(taken),
            "secondsPerStep": seconds / len(taken),
            "medianSecondsPerStep": statistics.median(time for time, _ in taken),
            "tokensPerSecond": sum(tokens for _, tokens in taken) / seconds,
            "textsPerSecond": texts / seconds,
            "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "secondsToFirstStep": self.to_first_step,
        }

    def described(self):
        import transformers

        arguments = self.arguments
        return {
            "engine": "pytorch",
            "versions": {
                "python": platform.python_version(),
                "torch": self.torch.__version__,
                "transformers": transformers.__version__,
            },
            "model": arguments.model.name,
            "case": arguments.case,
            "arrangement": arguments.arrangement,
            "precision": arguments.precision,
            "attention": arguments.attention,
            "compiled": arguments.compile,
            "threads": arguments.threads,
        }


def take_turns(training):
    print("@READY", flush=True)
    while sys.stdin.readline().strip():
        print(json.dumps(training.measure()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make-model")
    make.add_argument("name", choices=["distilbert-base", "minilm-l6"])
    make.add_argument("folder", type=Path)
    for name in ("measure", "turns"):
        command = commands.add_parser(name)
        command.add_argument("--model", type=Path, required=True)
        command.add_argument("--case", choices=["128", "sst2", "mixed"], required=True)
        command.add_argument("--arrangement", choices=["padded", "grouped"], default="padded")
        command.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
        command.add_argument("--attention", choices=["eager", "sdpa"], default="sdpa")
        command.add_argument("--compile", action="store_true")
        command.add_argument("--threads", type=int, default=os.cpu_count())
        command.add_argument("--seconds", type=float, default=20, help="at least, in whole passes")
        command.add_argument("--batches", type=int, default=40, help="in a pass; 40 are all")
    arguments = parser.parse_args()
    if arguments.command == "make-model":
        make_model(arguments)
    elif arguments.command == "measure":
        print(json.dumps(Training(arguments).measure()))
    else:
        take_turns(Training(arguments))


if __name__ == "__main__":
    main()
