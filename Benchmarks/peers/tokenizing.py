#!/usr/bin/env python3
"""The rate of the Python package `tokenizers`: tokenizing.py MODEL TEXTS SECONDS.

Prints JSON: the texts, their tokens, and seconds for all texts once, text by text and as one batch.
TOKENIZERS_PARALLELISM says whether a batch may use all cores.
"""

import json
import sys
import time
from pathlib import Path

from tokenizers import BertWordPieceTokenizer


def median_time(function, seconds):
    function()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < seconds or len(times) < 3:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def main():
    model, texts, seconds = sys.argv[1:]
    tokenizer = BertWordPieceTokenizer(str(Path(model) / "vocab.txt"), lowercase=True)
    lines = [line for line in Path(texts).read_text().split("\n") if line]
    # A batch of a server's size, not of one page.
    batch = lines * 16
    print(
        json.dumps(
            {
                "texts": len(lines),
                "tokens": sum(len(encoding.ids) for encoding in tokenizer.encode_batch(lines)),
                "one_by_one_s": median_time(
                    lambda: [tokenizer.encode(line) for line in lines], float(seconds)
                ),
                "batch_s": median_time(lambda: tokenizer.encode_batch(batch), float(seconds)) / 16,
            }
        )
    )


if __name__ == "__main__":
    main()
