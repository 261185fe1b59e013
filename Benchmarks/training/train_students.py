#!/usr/bin/env python3
"""Makes students of the bundled model with `swiftlet distill`, for the tables of students in docs/training.md.

  python train_students.py --swiftlet BINARY --sst2 FOLDER --work FOLDER

SST2 has train.tsv and dev.tsv of GLUE. Trains each student that has no students/NAME-SEED.json, then prints the
tables. Needs no package.
"""

import argparse
import json
import shutil
import subprocess
from pathlib import Path

from prepare import drawn, sentences, write_csv

HERE = Path(__file__).resolve().parent
TEACHER = HERE.parents[1] / "weights/sentiment"
#: The labels of the teacher, in the order of SST-2's numbers.
LABELS = ["NEGATIVE", "POSITIVE"]

#: For each table the options that its students share, the seeds, and for each student its name, what it learns from,
#: the file with its rows, and options of its own.
TABLES = {
    "8,000 rows, 1 epoch": (
        ["--epochs", "1"], [42, 43],
        {
            "some-labels": ("the labels alone", "some", ["--alpha", "1e-9"]),
            "some-default": ("the teacher and the labels", "some", []),
            "some-hidden": ("these and the hidden rows", "some", ["--hidden-weight", "1"]),
            "some-last-layer": ("the teacher and the labels, with layers 0, 3, 5", "some", ["--keep-layers", "0,3,5"]),
            "some-teacher": ("the teacher alone, without labels", "texts", []),
        },
    ),
    "all 67,349 rows, 3 epochs": (
        ["--epochs", "3", "--batch-size", "32", "--learning-rate", "6e-5", "--max-length", "128"], [42],
        {
            "all-labels": ("the labels alone", "all", ["--alpha", "1e-9"]),
            "all-default": ("the teacher and the labels", "all", []),
            "all-hidden": ("these and the hidden rows", "all", ["--hidden-weight", "1"]),
        },
    ),
}


def prepare(data, into):
    """Writes the rows with the teacher's labels."""
    into.mkdir(parents=True, exist_ok=True)
    rows = sentences(data / "train.tsv", LABELS)
    files = {"all": rows, "some": drawn(rows), "dev": sentences(data / "dev.tsv", LABELS)}
    for name, kept in files.items():
        write_csv(into / f"{name}.csv", ["text", "label"], kept)
    write_csv(into / "texts.csv", ["text"], [[text] for text, _ in files["some"]])


def train(swiftlet, work, rows, options, output):
    """The student's figures on the dev file, and the teacher's accuracy."""
    shutil.rmtree(output, ignore_errors=True)
    command = [swiftlet, "distill", "--teacher", TEACHER, "--file", work / f"{rows}.csv"]
    command += ["--validation", work / "dev.csv", "--output", output, *options]
    subprocess.run([str(word) for word in command], check=True)
    made = json.loads((output / "training.json").read_text())
    metrics = {metric["name"]: metric["value"] for metric in made["metrics"]}
    shutil.rmtree(output)
    return {
        "options": options,
        "layers": made["distillation"]["layers"],
        "teacherAccuracy": made["distillation"]["teacher_value"],
        "metrics": {name: metrics[name] for name in ("accuracy", "calibration-error", "brier-score")},
    }


def row(about, seed, result):
    metrics = result["metrics"]
    accuracy, kept = metrics["accuracy"], metrics["accuracy"] / result["teacherAccuracy"]
    cells = [about, seed, f"{100 * accuracy:.2f} %", f"{100 * kept:.1f} %"]
    cells += [f"{metrics[name]:.3f}" for name in ("calibration-error", "brier-score")]
    return f"| {' | '.join(map(str, cells))} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--swiftlet", type=Path, required=True)
    parser.add_argument("--sst2", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    prepare(arguments.sst2, arguments.work)
    (HERE / "students").mkdir(exist_ok=True)
    for title, (shared, seeds, students) in TABLES.items():
        table = ["| student learns from | seed | SST-2 dev | of the teacher's | calibration error | Brier score |"]
        table.append("|---|---|---|---|---|---|")
        for name, (about, rows, options) in students.items():
            for seed in seeds:
                path = HERE / f"students/{name}-{seed}.json"
                if not path.exists():
                    result = train(
                        arguments.swiftlet.absolute(), arguments.work, rows,
                        [*shared, *options, "--seed", str(seed)], arguments.work / name)
                    path.write_text(json.dumps(result, indent=1) + "\n")
                table.append(row(about, seed, json.loads(path.read_text())))
        print(title, "", *table, "", sep="\n")


if __name__ == "__main__":
    main()
