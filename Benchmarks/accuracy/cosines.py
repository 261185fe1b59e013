#!/usr/bin/env python3
"""Compares the embeddings of each precision with those of float32.

  python cosines.py --swiftlet BINARY --model FOLDER --file TEXTS.tsv [--column NAME] [--count 1000]

Embeds texts that are evenly spread over the rows of the file, and prints a table: the mean and the least cosine to
the embedding in float32, and how many are below 0.9995. A precision that the processor lacks is named below the
table. Needs only Python and `swiftlet`.
"""

import argparse
import array
import ast
import csv
import math
import subprocess
import tempfile
from operator import mul
from pathlib import Path

PRECISIONS = ("float32", "bfloat16", "int8")
LEAST = 0.9995


def texts(path, column, count):
    """Rows of a table with a header, evenly spread."""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with path.open(newline="", encoding="utf-8") as file:
        quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
        rows = list(csv.DictReader(file, delimiter=delimiter, quoting=quoting))
    if not rows or column not in rows[0]:
        raise SystemExit(f"{path} has no column {column}; --column names another")
    return [rows[index * len(rows) // count][column] for index in range(min(count, len(rows)))]


def vectors(path):
    """The rows of a file of float32, as `swiftlet embed` writes it: NumPy's format 1.0."""
    content = path.read_bytes()
    start = 10 + int.from_bytes(content[8:10], "little")
    header = ast.literal_eval(content[10:start].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    numbers, (_, width) = array.array("f", content[start:]), header["shape"]
    return [numbers[first : first + width] for first in range(0, len(numbers), width)]


def cosine(a, b):
    dot, left, right = (math.fsum(map(mul, x, y)) for x, y in ((a, b), (a, a), (b, b)))
    return dot / math.sqrt(left * right)


def embed(arguments, precision, source, folder):
    """The vectors, or what `swiftlet` says of a precision that it cannot run."""
    target = folder / f"{precision}.npy"
    command = [arguments.swiftlet.absolute(), "embed", "--model", arguments.model, "--file", source]
    command += ["--text-column", "text", "--precision", precision, "--output", target, "--no-progress"]
    done = subprocess.run(list(map(str, command)), stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return vectors(target), ""
    if precision == "float32":
        raise SystemExit(done.stderr)
    return None, done.stderr.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swiftlet", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="a sentence encoder")
    parser.add_argument("--file", type=Path, required=True, help=".tsv or .csv with a header")
    parser.add_argument("--column", default="sentence")
    parser.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    chosen, missing = texts(arguments.file, arguments.column, arguments.count), []
    print(f"{len(chosen)} texts of {arguments.file.name}, {arguments.model}\n")
    print(f"| precision | mean cosine | least | below {LEAST} |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "texts.csv"
        with source.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in chosen)])
        for precision in PRECISIONS:
            found, reason = embed(arguments, precision, source, Path(name))
            if found is None:
                missing.append(f"{precision}: {reason}")
            elif precision == "float32":
                reference = found
            else:
                cosines = [cosine(a, b) for a, b in zip(found, reference, strict=True)]
                below = sum(value < LEAST for value in cosines)
                print(f"| {precision} | {sum(cosines) / len(cosines):.5f} | {min(cosines):.5f} | {below} |")
    print("".join(f"\nNot measured, {line}" for line in missing), end="\n" if missing else "")


if __name__ == "__main__":
    main()
