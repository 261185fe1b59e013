"""Runs `swiftlet export`, and its graphs on batches of padded sequences.

SWIFTLET_TEST_PROGRAM names the program; otherwise it is the release build."""

import json
import os
import pathlib
import subprocess

import numpy
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build/release/swiftlet")).resolve()
CHECKPOINTS = ROOT / "Tests/Fixtures/checkpoints"
HEADS = ROOT / "Tests/Fixtures/heads"
BUNDLED = ROOT / "weights/sentiment"
OPSETS = [14, 17, 20]


def swiftlet(*arguments, check=True, **options):
    result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, **options)
    assert not check or result.returncode == 0, result.stderr
    return result


def export(model, folder, *arguments, name="model"):
    """Exports a model to a folder; returns the path of a graph in it."""
    swiftlet("export", model, "--output", folder, *arguments)
    paths = [path for path in folder.rglob(f"{name}.onnx")]
    assert len(paths) == 1
    return paths[0]


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def golden(folder):
    return json.loads((folder / "golden.json").read_text())


def sequences(folder):
    """The cases of a golden file of checkpoints/: ids, token types and answers."""
    answers = golden(folder)
    return answers["ids"] + answers["texts"] + answers.get("pairs", [])


def padded(rows, side="right", width=None, value=0):
    """Rows of different lengths as one array, and its mask."""
    width = width or max(map(len, rows))
    result, mask = numpy.full((2, len(rows), width), value, dtype=numpy.int64)
    mask[:] = 0
    for index, row in enumerate(rows):
        place = slice(width - len(row), width) if side == "left" else slice(0, len(row))
        result[index, place], mask[index, place] = row, 1
    return result, mask


def inputs(cases, side="right", width=None, names=("input_ids", "attention_mask")):
    """The inputs of a graph for cases of a golden file; padding has the id and type of a token."""
    ids, mask = padded([case["ids"] for case in cases], side, width, value=3)
    types, _ = padded([case.get("typeIDs") or [0] * len(case["ids"]) for case in cases], side, width)
    every = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {name: every[name] for name in names}


def names(runner):
    return [each.name for each in runner.get_inputs()]


def rows(values, case, side="right"):
    """The rows of a sequence's tokens in its row of an output."""
    length = len(case["ids"])
    return values[-length:] if side == "left" else values[:length]


def default_prompt(model):
    """The text that sentence-transformers puts before every text."""
    path = model / "config_sentence_transformers.json"
    settings = json.loads(path.read_text()) if path.exists() else {}
    return (settings.get("prompts") or {}).get(settings.get("default_prompt_name"), "")


def encoded(model, texts):
    """The token ids of texts, by `swiftlet tokenize`."""
    vocabulary = next(model.rglob("vocab.txt"))
    result = swiftlet("tokenize", "--model", vocabulary.parent, "--json", "--max-length", "512",
                      input="\n".join(texts) + "\n")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == len(texts)
    return [line["ids"] for line in lines]


def greatest_difference(left, right):
    """Infinite if a value is NaN."""
    difference = numpy.abs(numpy.asarray(left, numpy.float64) - numpy.asarray(right, numpy.float64))
    return numpy.inf if numpy.isnan(difference).any() else difference.max(initial=0)
