"""Whether the lines of answers.c say what the command line's JSON Lines say, number for number.

    python3 compare.py classify|embed answers.tsv command-line.jsonl
"""
import json
import struct
import sys


def single(number):
    """The float32 that a number is written for, as bits."""
    return struct.pack("f", float(number))


def main():
    task, answers, lines = sys.argv[1:]
    with open(answers, encoding="utf-8") as file:
        ours = [line.rstrip("\n").split("\t") for line in file]
    with open(lines, encoding="utf-8") as file:
        theirs = [json.loads(line) for line in file]
    if len(ours) != len(theirs) or not ours:
        sys.exit(f"compare: {len(ours)} answers of the library, {len(theirs)} of the command line")
    for number, (row, record) in enumerate(zip(ours, theirs), 1):
        if task == "classify":
            scores = {label: single(score) for label, score in zip(row[1::2], row[2::2])}
            expected = {entry["label"]: single(entry["score"]) for entry in record["scores"]}
            same = row[0] == record["label"] and scores == expected
        else:
            same = [single(value) for value in row] == [single(v) for v in record["embedding"]]
        if not same:
            sys.exit(f"compare: record {number} differs: {row} and {record}")
    print(f"{task}: {len(ours)} answers equal the command line's")


main()
