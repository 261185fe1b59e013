"""Writes what the Python package `tokenizers` makes of the test texts with each option.

    python3 options.py                  # pip install tokenizers

Results: `options.tsv`, with a line for each series: its name and one checksum (in base 36) per text,
as `make.py` describes them; and `options.json`, with the sections that go over those of
`added.tokenizer.json` for the series of the same name.
"""

import json
import os
import struct
import zlib

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from make import (
    HERE, ROOT, all_scalars, checksum, load_vocabulary, make_tokenizer, random_texts, read_lines)

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
    except BaseException:  # a panic of the reference is not an Exception
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


def section(part):
    """How a `tokenizer.json` writes a part."""
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    kind = next(
        kind for kind, module in (
            ("normalizer", normalizers), ("pre_tokenizer", pre_tokenizers),
            ("post_processor", processors))
        if type(part).__module__ == module.__name__)
    setattr(tokenizer, kind, part)
    return {kind: json.loads(tokenizer.to_str())[kind]}


def section_cases():
    n, p = normalizers, pre_tokenizers
    plain = [
        n.NFC(), n.NFD(), n.NFKC(), n.NFKD(), n.Lowercase(), n.StripAccents(), n.Strip(),
        n.Replace("e", "\u00e9a"), n.Prepend("x\u0301"),
    ]
    parts = {type(part).__name__: section(part) for part in plain}
    parts["StripLeft"] = section(n.Strip(left=True, right=False))
    parts["StripRight"] = section(n.Strip(left=False, right=True))
    parts["ReplaceNothing"] = section(n.Replace("ab", ""))
    parts["NormalizerSequence"] = section(n.Sequence([
        n.Strip(), n.Replace(" ", "  "), n.Prepend(" "), n.NFKC(), n.Sequence([n.Lowercase()]),
        n.BertNormalizer(lowercase=False), n.Replace("\u0131", "i"), n.NFKD(), n.StripAccents()]))
    parts["OneInSequence"] = section(n.Sequence([n.BertNormalizer(strip_accents=False)]))
    for name in ("Whitespace", "WhitespaceSplit"):
        parts[name] = section(getattr(p, name)())
    for name in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
        parts["Punctuation-" + name] = section(p.Punctuation(name))
    parts["PreTokenizerSequence"] = section(p.Sequence([
        p.WhitespaceSplit(), p.Punctuation("contiguous")]))
    parts["BertInSequence"] = section(p.Sequence([p.BertPreTokenizer()]))
    parts["NFKC-Whitespace"] = {**parts["NFKC"], **parts["Whitespace"]}
    parts["BertProcessing"] = section(processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)))
    return parts


def normalized_sums(normalizer, texts):
    """A checksum over the scalars of the normalized text and where each came from."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    sums = []
    for text in texts:
        scalars = [ord(c) for c in normalizer.normalize_str(text)]
        offsets = tokenizer.encode(text).offsets
        words = scalars + [o[0] for o in offsets] + [o[1] for o in offsets]
        sums.append(zlib.crc32(struct.pack(f"<{len(words)}I", *words)))
    return sums


def joined(sums, count=16):
    """One checksum for `count`."""
    return [
        zlib.crc32(struct.pack(f"<{len(part)}I", *part))
        for part in (sums[start:start + count] for start in range(0, len(sums), count))]


def word_sums(tokenizer, texts):
    """Text given in words, alone, in pairs and in windows."""
    sums = []
    for first, second in zip(texts, texts[1:] + texts[:1]):
        words, others = first.split(" "), second.split(" ")
        tokenizer.no_truncation()
        crc = checksum(tokenizer.encode(words, is_pretokenized=True))
        crc = checksum(tokenizer.encode(words, others, is_pretokenized=True), crc)
        tokenizer.enable_truncation(24, stride=5, strategy="longest_first")
        crc = windows_sum(tokenizer, crc, 24, words, is_pretokenized=True)
        crc = windows_sum(tokenizer, crc, 24, words, others, is_pretokenized=True)
        sums.append(crc)
    tokenizer.no_truncation()
    return sums


PADDINGS = [
    dict(direction="right", length=None, pad_to_multiple_of=None),
    dict(direction="left", length=None, pad_to_multiple_of=8),
    dict(direction="right", length=20, pad_to_multiple_of=None),
    dict(direction="left", length=21, pad_to_multiple_of=4),
]


def padding_sums(tokenizer, texts):
    """Batches of eight with their attention masks, cut to 30; and the windows of each text."""
    sums = []
    for start in range(0, len(texts), 8):
        batch, crc = texts[start:start + 8], 0
        for padding in PADDINGS:
            tokenizer.enable_padding(pad_id=9, pad_type_id=2, **padding)
            tokenizer.enable_truncation(30, stride=3, direction=padding["direction"])
            for encoding in tokenizer.encode_batch(batch):
                for window in [encoding] + encoding.overflowing:
                    crc = checksum(window, crc)
                    crc = zlib.crc32(bytes(window.attention_mask), crc)
                    break  # windows are padded to the batch's longest; one text's are below
            for text in batch:
                encoding = tokenizer.encode(text)
                for window in [encoding] + encoding.overflowing:
                    crc = checksum(window, crc)
                    crc = zlib.crc32(bytes(window.attention_mask), crc)
        sums.append(crc)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return sums


def cleaned(text):
    """transformers' `clean_up_tokenization`."""
    for pattern, replacement in (
            (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
            (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re")):
        text = text.replace(pattern, replacement)
    return text


def cleaned_sums(tokenizer, texts):
    sums = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        sums.append(zlib.crc32(cleaned(tokenizer.decode(ids)).encode()))
    return sums


def main():
    texts = read_lines(os.path.join(HERE, "nasty.txt")) + read_lines(os.path.join(HERE, "blns.txt"))
    bundled = load_vocabulary(os.path.join(ROOT, "weights", "sentiment", "vocab.txt"))
    uncased = make_tokenizer(bundled, True, None)
    series = {"windows/bundled": window_sums(uncased, texts)}
    for name in ("unclean", "added"):
        path = os.path.join(HERE, f"{name}.tokenizer.json")
        series[f"windows/{name}"] = window_sums(Tokenizer.from_file(path), texts)

    pool = sorted(set("".join(read_lines(os.path.join(HERE, "nasty.txt")))))
    mixed = random_texts(1000, pool)
    for name in ("NFC", "NFD", "NFKC", "NFKD"):
        normalizer = getattr(normalizers, name)()
        series[f"normalized/{name}"] = normalized_sums(normalizer, texts + mixed)
        series[f"normalized-scalars/{name}"] = joined(normalized_sums(normalizer, all_scalars()))

    with open(os.path.join(HERE, "added.tokenizer.json"), encoding="utf-8") as file:
        base = json.load(file)
    cases = section_cases()
    for name, sections in cases.items():
        tokenizer = Tokenizer.from_str(json.dumps({**base, **sections}))
        series[f"section/{name}"] = [
            checksum(tokenizer.encode(first, second), checksum(tokenizer.encode(first)))
            for first, second in zip(texts + mixed[:200], (texts + mixed[:200])[1:] + texts[:1])]
    for name in ("Whitespace", "WhitespaceSplit", "Punctuation-contiguous"):
        tokenizer = Tokenizer.from_str(json.dumps({**base, **cases[name]}))
        series[f"section-scalars/{name}"] = joined(
            [checksum(encoding) for encoding in tokenizer.encode_batch(all_scalars())])
    with open(os.path.join(HERE, "options.json"), "w", encoding="ascii") as file:
        file.write(json.dumps(cases, indent=1) + "\n")

    series["words/bundled"] = word_sums(uncased, texts)
    series["words/added"] = word_sums(Tokenizer.from_str(json.dumps(base)), texts)
    series["padding/bundled"] = padding_sums(uncased, texts)
    series["cleaned/bundled"] = cleaned_sums(uncased, texts)

    with open(os.path.join(HERE, "options.tsv"), "w", encoding="ascii") as file:
        file.write(f"# tokenizers {tokenizers.__version__}: name, one checksum per text\n")
        for name, sums in series.items():
            file.write(name + "\t" + " ".join(map(base36, sums)) + "\n")


if __name__ == "__main__":
    main()
