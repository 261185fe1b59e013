#!/usr/bin/env python3
"""Makes version-1/: folders that a program with the first version of the int8 format writes, and its answers.

    Tests/Fixtures/quantized/make.py PROGRAM     a swiftlet of revision bcac78c or earlier
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent
TARGET = HERE / "version-1"
TEXTS = ["", "A good film.", "not good", "the plot was boring!"]
MASKED = ["hello [MASK] world", "[MASK]"]


def run(*arguments):
    return subprocess.run([sys.argv[1], *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def quantize(folder):
    output = TARGET / folder.name
    run("quantize", folder, "--output", output, "--force")
    return output


def logits(model, text):
    answer = json.loads(run("classify", "--model", model, "--function", "none", "--top-k", "3", "--json", "--", text))
    labels = json.loads((model / "config.json").read_text())["label2id"]
    scores = {each["label"]: each["score"] for each in answer["scores"]}
    return [scores[label] for label in sorted(labels, key=labels.get)]


def mask(model, text):
    tokens = json.loads(run("fill-mask", "--model", model, "--json", "--", text))["masks"][0]
    return {"text": text, "ids": [each["id"] for each in tokens], "scores": [each["score"] for each in tokens]}


def main():
    classifier = quantize(FIXTURES / "checkpoints/single-label")
    filler = quantize(FIXTURES / "heads/bert-mask")
    golden = {
        "version": run("--version").strip(),
        "logits": [{"text": text, "logits": logits(classifier, text)} for text in TEXTS if text],
        "masks": [mask(filler, text) for text in MASKED],
    }
    (TARGET / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
