"""Compares swiftlet with the reference libraries over folders whose settings are drawn at random.

    python compare.py path/to/swiftlet [--count 200] [--seed 0] [--models]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import folders
import models


def tokenized(program, folder):
    found = []
    for text, pair in [(text, None) for text in folders.TEXTS] + folders.PAIRS:
        command = [program, "tokenize", "--json", "--model", folder]
        command += ["--pair", pair] if pair is not None else []
        run = subprocess.run(command + ["--", text], capture_output=True, text=True)
        if run.returncode:
            return run.stderr.strip()
        found.append(json.loads(run.stdout))
    return found


def check(program, folder, case):
    folders.write(folder, case)
    found = tokenized(program, folder)
    try:
        expected = folders.encodings(folder)["encodings"]
    except Exception as error:
        return "refused by both" if isinstance(found, str) else f"answered, though transformers says {error!r:.60}"
    if isinstance(found, str):
        return f"refused: {found.replace(str(folder), '')[:150]}"
    for ours, reference in zip(found, expected):
        types = ours.get("type_ids", [0] * len(ours["ids"]))
        theirs = reference["types"] if reference["pair"] is not None else [0] * len(types)
        if ours["ids"] != reference["ids"] or types != theirs:
            return f"DIFFERS {folders.shortened(case['files'])}\n  {reference}\n  {ours['ids']} {types}"
    return "equal"


def answered(program, folder, case):
    """What swiftlet answers to the texts or pairs of models.py, or its error."""
    command = [program, "embed", "--model", folder]
    command += ["--role", case["role"]] if case.get("role") else []
    rows = [{"text": text} for text in models.TEXTS]
    if case["task"] == "pairs":
        rows = [{"text": text, "pair": pair} for text, pair in models.PAIRS]
        command = [program, "classify", "--model", folder, "--function", "none", "--pair-column", "pair", "--top-k", "9"]
    lines = folder.parent / "rows.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command += ["--file", lines, "--text-column", "text", "--json"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        return run.stderr.strip()
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if case["task"] == "embed":
        return [answer["embedding"] for answer in answers]
    labels = sorted(json.loads((folder / "config.json").read_text())["id2label"].items(), key=lambda item: int(item[0]))
    scores = [{score["label"]: score["score"] for score in answer["scores"]} for answer in answers]
    return [[score[label] for _, label in labels] for score in scores]


def check_model(program, folder, case):
    models.write(folder, case)
    found = answered(program, folder, case)
    try:
        expected = models.answers(folder, case)
    except Exception as error:
        return "refused by both" if isinstance(found, str) else f"answered, though the library says {error!r:.60}"
    if isinstance(found, str):
        return f"refused: {found.replace(str(folder), '')[:150]}"
    for ours, reference in zip(found, expected["vectors" if case["task"] == "embed" else "logits"]):
        if len(ours) != len(reference) or max(abs(a - b) for a, b in zip(ours, reference)) > 1e-4:
            return f"DIFFERS {case}\n  {reference}\n  {ours}"
    return "equal"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", action="store_true", help="whole models, not tokenizers alone")
    arguments = parser.parse_args()
    results = Counter()
    with tempfile.TemporaryDirectory() as place:
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            if arguments.models:
                result = check_model(arguments.program, Path(place) / "model", models.drawn(seed))
            else:
                result = check(arguments.program, Path(place) / "model", folders.drawn(seed))
            kind = result.split()[0]
            results[kind if kind in ("DIFFERS", "answered,") else result] += 1
            if kind in ("DIFFERS", "answered,"):
                print(f"seed {seed}: {result}", flush=True)
    for result, count in results.most_common():
        print(f"{count:6} {result}")
    sys.exit(1 if results["DIFFERS"] else 0)


if __name__ == "__main__":
    main()
