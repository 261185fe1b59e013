#!/usr/bin/env python3
"""Writes training-lengths.json beside this file: how many tokens the texts of each step have.

  python make_training_lengths.py TOKENIZER-FOLDER SST-2/train.tsv

Both sides of the comparison read it. The lengths of SST-2 are those of rows drawn without repetition,
with [CLS] and [SEP]; its texts may not be passed on, so that only their lengths are written.
"""

import json
import sys
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer

SEED, BATCHES, TEXTS = 20_261_129, 40, 32
MEDIAN, DEVIATION, SHORTEST, LONGEST = 24, 0.8, 4, 256


def sst2_lengths(tokenizer_folder, path):
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    rows = Path(path).read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]
    ids = tokenizer([row.split("\t")[1] for row in rows])["input_ids"]
    lengths = np.array([len(row) for row in ids])
    return np.random.default_rng(SEED).permutation(lengths)[: BATCHES * TEXTS]


def mixed_lengths():
    drawn = np.random.default_rng(SEED + 1).normal(np.log(MEDIAN), DEVIATION, BATCHES * TEXTS)
    return np.clip(np.round(np.exp(drawn)), SHORTEST, LONGEST).astype(int)


def main():
    cases = {
        "128": ("32 texts of 128 tokens", np.full(BATCHES * TEXTS, 128)),
        "sst2": ("32 texts of SST-2's own lengths", sst2_lengths(*sys.argv[1:3])),
        "mixed": (
            f"32 texts of mixed length (lognormal, median {MEDIAN}, {SHORTEST} to {LONGEST})",
            mixed_lengths(),
        ),
    }
    parts = []
    for name, (title, lengths) in cases.items():
        rows = lengths.reshape(BATCHES, TEXTS).tolist()
        lines = ",\n".join(f"   {json.dumps(row)}" for row in rows)
        parts.append(f'  "{name}": {{\n   "title": {json.dumps(title)},\n   "batches": [\n{lines}\n   ]\n  }}')
        padded = np.mean([max(row) for row in rows]) / lengths.mean()
        print(f"{name}: mean {lengths.mean():.1f} tokens, padded to the longest {padded:.2f} times as many")
    text = f'{{\n "seed": {SEED},\n "cases": {{\n' + ",\n".join(parts) + "\n }\n}\n"
    (Path(__file__).resolve().parent / "training-lengths.json").write_text(text)


if __name__ == "__main__":
    main()
