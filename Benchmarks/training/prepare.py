#!/usr/bin/env python3
"""Writes the data sets as files that `swiftlet train` reads.

  python prepare.py --data FOLDER --into FOLDER

DATA holds sst2/, clinc150/, wnut17/, goemotions/, stsb/ and xquad/ as they are published (README.md has the
addresses). Rows that are left out are drawn from a fixed seed, so that all programs train on the same.
"""

import argparse
import csv
import json
import random
from pathlib import Path

#: Rows of the training sets that are cut, so that the whole table takes a few hours on two processors.
ROWS = 8_000
#: Articles of XQuAD to train on; the others are for testing.
ARTICLES = 36


def drawn(rows, count=ROWS):
    """Some of the rows, in a new order."""
    return random.Random(20_261_129).sample(rows, count)


def lines(path):
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def write_csv(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_json_lines(path, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def sentences(path, names):
    """The texts of a file of SST-2 with the names of their labels."""
    rows = [line.split("\t") for line in lines(path)[1:]]
    return [(text, names[int(label)]) for label, text in rows]


# ---- Data sets ----


def sst2(data, into):
    names = ["negative", "positive"]
    for source, target in (("train", "train"), ("dev", "test")):
        rows = sentences(data / f"sst2/{source}.tsv", names)
        kept = drawn(rows) if target == "train" else rows
        write_csv(into / f"sst2-{target}.csv", ["text", "label"], kept)


def clinc150(data, into):
    splits = json.loads((data / "clinc150/data_full.json").read_text(encoding="utf-8"))
    for target in ("train", "test"):
        write_csv(into / f"clinc150-{target}.csv", ["text", "label"], splits[target])


def wnut17(data, into):
    sources = {"train": "wnut17train.conll", "test": "emerging.test.annotated"}
    for target, source in sources.items():
        sentences = [[]]
        for line in lines(data / "wnut17" / source):
            if line.strip():
                word, tag = line.split("\t")[:2]
                sentences[-1].append((word.strip(), tag.strip()))
            elif sentences[-1]:
                sentences.append([])
        blocks = ["".join(f"{word}\t{tag}\n" for word, tag in words) for words in sentences if words]
        (into / f"wnut17-{target}.conll").write_text("\n".join(blocks), encoding="utf-8")


def goemotions(data, into):
    names = lines(data / "goemotions/labels.txt")
    for target in ("train", "test"):
        rows = [line.split("\t") for line in lines(data / f"goemotions/{target}.tsv")]
        rows = [
            {"text": text, "label": [names[int(number)] for number in numbers.split(",")]}
            for text, numbers in rows
        ]
        kept = drawn(rows) if target == "train" else rows
        write_json_lines(into / f"goemotions-{target}.jsonl", kept)


def stsb(data, into):
    for target in ("train", "test"):
        with (data / f"stsb/{target}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        write_csv(into / f"stsb-{target}.csv", ["sentence1", "sentence2", "label"], rows)


def xquad(data, into):
    """The questions, and pairs: each question with its paragraph, and with another of the same article."""
    articles = json.loads((data / "xquad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    order = random.Random(1)
    for target, part in (("train", articles[:ARTICLES]), ("test", articles[ARTICLES:])):
        content = json.dumps({"version": "1.1", "data": part}, ensure_ascii=False)
        (into / f"xquad-{target}.json").write_text(content + "\n", encoding="utf-8")
        pairs = []
        for article in part:
            texts = [paragraph["context"] for paragraph in article["paragraphs"]]
            for paragraph in article["paragraphs"]:
                others = [text for text in texts if text != paragraph["context"]]
                for question in paragraph["qas"]:
                    pairs.append((question["question"], paragraph["context"], "own"))
                    pairs.append((question["question"], order.choice(others), "other"))
        order.shuffle(pairs)
        write_csv(into / f"xquad-pairs-{target}.csv", ["sentence1", "sentence2", "label"], pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    for convert in (sst2, clinc150, wnut17, goemotions, stsb, xquad):
        convert(arguments.data, arguments.into)
    for path in sorted(arguments.into.iterdir()):
        print(f"{path.stat().st_size:>10,} {path.name}")


if __name__ == "__main__":
    main()
