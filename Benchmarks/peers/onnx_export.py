#!/usr/bin/env python3
"""Compares the latency of an exported graph in ONNX Runtime with torch's own exports of the model.

  python onnx_export.py --model MODEL --swiftlet PROGRAM [--rounds N] [--threads N] [--opsets 14 17 20]

MODEL is a sequence classifier. The sessions run alternately, a new order in each round, and the
table has the median of the rounds' medians in milliseconds, with the factor to the faster of torch's
exports. Needs torch, transformers, onnx, onnxruntime, and onnxscript for the newer exporter.
"""

import argparse
import pathlib
import random
import statistics
import subprocess
import tempfile
import time

import numpy
import onnxruntime
import torch
from transformers import AutoModelForSequenceClassification

# Texts in a batch, and tokens in each.
SHAPES = [(1, 8), (1, 16), (1, 32), (1, 64), (1, 128), (1, 256), (8, 32), (8, 128)]


class Logits(torch.nn.Module):
    """The model as a function of tensors, as exporters like it."""

    def __init__(self, folder):
        super().__init__()
        self.model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def torch_exports(model, folder):
    """The paths of torch's exports by their names; without the newer one if onnxscript is missing."""
    module = Logits(model)
    example = tuple(tensor for tensor in (torch.randint(5, 100, (2, 16)), torch.ones(2, 16, dtype=torch.int64)))
    names = {"input_names": ["input_ids", "attention_mask"], "output_names": ["logits"]}
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in names["input_names"]}
    paths = {"torch TorchScript": folder / "script.onnx"}
    torch.onnx.export(module, example, paths["torch TorchScript"], dynamic_axes={**axes, "logits": {0: "batch_size"}},
                      opset_version=17, dynamo=False, **names)
    try:
        import onnxscript  # noqa: F401
    except ImportError:
        return paths
    paths["torch dynamo"] = folder / "dynamo.onnx"
    batch, length = torch.export.Dim("batch_size", min=1, max=64), torch.export.Dim("sequence_length", min=2, max=512)
    torch.onnx.export(module, example, paths["torch dynamo"], dynamic_shapes=[{0: batch, 1: length}] * 2, dynamo=True,
                      **names)
    return paths


def swiftlet_exports(program, model, folder, opsets):
    paths = {}
    for opset in opsets:
        for name, options in ((f"swiftlet opset {opset}", []), (f"swiftlet opset {opset}, linked", ["--link"])):
            output = folder / name.replace(" ", "-").replace(",", "")
            subprocess.run([program, "export", model, "--output", output, "--opset", str(opset), *options],
                           check=True, capture_output=True)
            paths[name] = next(output.rglob("*.onnx"))
    return paths


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def inputs(shape):
    ids = numpy.random.default_rng(1).integers(5, 100, shape)
    return {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}


def check(sessions):
    """All graphs must give the same logits."""
    ids = inputs((3, 21))
    ids["attention_mask"][1, 9:] = 0
    expected = None
    for name, runner in sessions.items():
        logits = runner.run(None, ids)[0]
        expected = logits if expected is None else expected
        difference = numpy.abs(logits - expected).max()
        assert difference < 1e-4, f"{name} differs by {difference}"


def median(runner, given, seconds=0.3):
    """The median time of a call, in milliseconds, of as many calls as fit the time, at least five."""
    runner.run(None, given)
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        runner.run(None, given)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--swiftlet", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--opsets", type=int, nargs="+", default=[14, 17, 20])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        paths = {**torch_exports(arguments.model, folder),
                 **swiftlet_exports(arguments.swiftlet.resolve(), arguments.model, folder, arguments.opsets)}
        sessions = {name: session(path, arguments.threads) for name, path in paths.items()}
        check(sessions)
        rounds = {name: {shape: [] for shape in SHAPES} for name in sessions}
        for index in range(arguments.rounds):
            for shape in SHAPES:
                order = list(sessions)
                random.Random(f"{index} {shape}").shuffle(order)
                for each in order:
                    rounds[each][shape].append(median(sessions[each], inputs(shape)))
    medians = {name: {shape: statistics.median(times) for shape, times in by_shape.items()}
               for name, by_shape in rounds.items()}
    best = {shape: min(values[shape] for name, values in medians.items() if name.startswith("torch"))
            for shape in SHAPES}
    print("| graph | " + " | ".join(f"{batch} × {length}" for batch, length in SHAPES) + " |")
    print("|---|" + "--:|" * len(SHAPES))
    for name, values in medians.items():
        cells = [f"{values[shape]:.2f} ({best[shape] / values[shape]:.2f})" for shape in SHAPES]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
