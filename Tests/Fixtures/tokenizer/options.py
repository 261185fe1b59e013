"""Writes what the Python package `tokenizers` makes of the test texts with each option.

    python3 options.py                  # pip install tokenizers

Results: `options.tsv`, with a line for each series: its name and one checksum (in base 36) per text,
as `make.py` describes them. A checksum of 0 stands for what the reference refuses.
"""

import os
import zlib

import tokenizers
from tokenizers import Tokenizer

from make import HERE, ROOT, checksum, load_vocabulary, make_tokenizer, read_lines

WINDOWS = [
    (length, stride, strategy, side)
    for length, stride in ((7, 0), (12, 3), (12, 4), (40, 7), (40, 18))
    for strategy in ("longest_first", "only_first", "only_second")
    for side in ("right", "left")]
# More windows than these are not gone through.
MOST_WINDOWS = 200


def base36(number):
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


def windows_sum(tokenizer, crc, length, *arguments, **keywords):
    """A checksum over all windows; their number alone where they are many."""
    try:
        encoding = tokenizer.encode(*arguments, **keywords)
    except BaseException:  # a panic of the reference is no Exception
        return zlib.crc32(b"\0\0\0\0", crc)
    windows = [encoding] + encoding.overflowing
    if max(len(window) for window in windows) > length:  # it cut a text to nothing and kept it whole
        return zlib.crc32(b"\0\0\0\0", crc)
    if len(windows) > MOST_WINDOWS:
        return zlib.crc32(len(windows).to_bytes(4, "little"), crc)
    for window in windows:
        crc = checksum(window, crc)
    return crc


def window_sums(tokenizer, texts):
    sums = []
    for first, second in zip(texts, texts[1:] + texts[:1]):
        crc = 0
        for length, stride, strategy, side in WINDOWS:
            tokenizer.enable_truncation(length, stride=stride, strategy=strategy, direction=side)
            crc = windows_sum(tokenizer, crc, length, first, second)
            if strategy == "longest_first":
                crc = windows_sum(tokenizer, crc, length, first)
                crc = windows_sum(tokenizer, crc, length, first, add_special_tokens=False)
        sums.append(crc)
    tokenizer.no_truncation()
    return sums


def main():
    os.environ["RUST_BACKTRACE"] = "0"
    texts = read_lines(os.path.join(HERE, "nasty.txt")) + read_lines(os.path.join(HERE, "blns.txt"))
    bundled = load_vocabulary(os.path.join(ROOT, "weights", "sentiment", "vocab.txt"))
    uncased = make_tokenizer(bundled, True, None)
    series = {"windows/bundled": window_sums(uncased, texts)}
    for name in ("unclean", "added"):
        path = os.path.join(HERE, f"{name}.tokenizer.json")
        series[f"windows/{name}"] = window_sums(Tokenizer.from_file(path), texts)
    with open(os.path.join(HERE, "options.tsv"), "w", encoding="ascii") as file:
        file.write(f"# tokenizers {tokenizers.__version__}: name, one checksum per text\n")
        for name, sums in series.items():
            file.write(name + "\t" + " ".join(map(base36, sums)) + "\n")


if __name__ == "__main__":
    main()
