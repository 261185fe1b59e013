#!/usr/bin/env python3
"""Runs deploy/spark/label.py on a Spark of two processes, with a task that fails, and looks at all ids.

  spark.py SWIFTLET

The first process that is started answers a part of its rows and then ends with an error. Afterwards
every id must be there exactly once, with the label and score that a plain run gives it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from texts import Texts

ROOT = Path(__file__).resolve().parents[2]
COUNT = 4000

#: Stands for swiftlet: the process that makes the folder first answers 100 rows and fails.
WRAPPER = """#!/bin/bash
echo started >>{folder}/attempts
if mkdir {folder}/failed 2>/dev/null; then
  head -n 100 | {swiftlet} "$@"
  exit 1
fi
exec {swiftlet} "$@"
"""


def rows():
    texts = Texts(seed=7)
    odd = ["", "two\nlines", "a\u2028b", 'quoted "text"', "naïve 字 \U0001f600", "x " * 2000, None]
    for number in range(COUNT):
        yield {"id": number * 3, "text": odd[number % 400] if number % 400 < len(odd) else texts.next()}


def plain_run(swiftlet, path):
    """id → label and score, without Spark."""
    answer = subprocess.run(
        [swiftlet, "classify", "--file", path, "--id-column", "id", "--text-column", "text",
         "--format", "jsonl"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    read = map(json.loads, answer.splitlines())
    return {int(each["id"]): (each["label"], each["score"]) for each in read}


def submit(arguments, **more):
    command = [
        Path(sys.executable).with_name("spark-submit"), "--master", "local-cluster[2,1,1024]",
        "--conf", "spark.ui.enabled=false", "--conf", "spark.driver.host=127.0.0.1",
        "--conf", "spark.driver.bindAddress=127.0.0.1", ROOT / "deploy/spark/label.py", *arguments,
    ]  # fmt: skip
    environment = {
        **os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
    }  # fmt: skip
    return subprocess.run(list(map(str, command)), env=environment, **more)


def main():
    swiftlet = Path(sys.argv[1]).resolve()
    failures = []
    with tempfile.TemporaryDirectory(prefix="swiftlet-spark-") as name:
        folder = Path(name)
        wrapper = folder / "swiftlet"
        wrapper.write_text(WRAPPER.format(folder=folder, swiftlet=swiftlet))
        wrapper.chmod(0o755)
        source = folder / "in.jsonl"
        source.mkdir()
        everything = list(rows())
        # A partitioned data set: several files, one of them empty.
        for part in range(5):
            lines = [json.dumps(row) + "\n" for row in everything[part::5] if part != 4]
            lines += [json.dumps(row) + "\n" for row in everything[4::5] if part == 0]
            (source / f"part-{part}.json").write_text("".join(lines))
        whole = folder / "whole.jsonl"
        whole.write_text(
            "".join(json.dumps(row) + "\n" for row in everything if row["text"] is not None)
        )

        target = folder / "out"
        options = ["--input", source, "--output", target, "--output-format", "json"]
        options += ["--swiftlet", wrapper, "--partitions", "8"]
        done = submit(options, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(
                f"spark-submit ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
            )
        attempts = len((folder / "attempts").read_text().splitlines())
        print(f"{attempts} processes were started, one of them failed")
        if not (folder / "failed").exists() or attempts < 9:
            failures.append("no task failed and was done again")

        found = [
            json.loads(line)
            for file in target.glob("part-*")
            for line in file.read_text().splitlines()
        ]
        ids = [row["id"] for row in found]
        if sorted(ids) != sorted(row["id"] for row in everything):
            failures.append(f"{len(ids)} ids came out ({len(set(ids))} different), {COUNT} went in")
        expected = plain_run(swiftlet, whole)
        for row in found:
            answer = (row.get("label"), row.get("score"))
            if answer != expected.get(row["id"], (None, None)):
                failures.append(f"{row['id']}: {answer}, by a plain run {expected.get(row['id'])}")
        labels = {row.get("label") for row in found}
        if labels != {"POSITIVE", "NEGATIVE", None}:
            failures.append(f"the labels are {labels}: that can't be all")
        if not (target / "_SUCCESS").exists():
            failures.append("the output has no _SUCCESS")
        left = [path.name for path in folder.iterdir() if path.name.startswith(".out")]
        if left:
            failures.append(f"left behind: {left}")

        again = submit(options, capture_output=True, text=True)
        # spark-submit passes on what the job says on standard error as its own standard output.
        if again.returncode == 0 or "is there already" not in again.stdout:
            failures.append(f"an output that is there was not refused: {again.stdout[-500:]}")
        broken = folder / "never"
        options[3], options[7] = broken, "/bin/false"
        done = submit(options, capture_output=True, text=True)
        if done.returncode == 0 or broken.exists():
            failures.append("a job whose tasks all fail left an output")
    for failure in failures[:20]:
        print(f"FAIL {failure}", file=sys.stderr)
    print(f"{len(found)} rows, {len(failures)} failures")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
