"""Writes what the Python package `tokenizers` makes of the test texts, as checksums.

    python3 make.py CORPORA VOCABULARIES     # pip install tokenizers

CORPORA and VOCABULARIES are the directories of texts and of published vocabularies that the tests
find in ../shared/tokenizer; without them the tests run on what lies here.

A checksum is CRC-32 (zlib) over little-endian 32-bit words: of an encoding, all ids, then all start
offsets and all end offsets in Unicode scalars, word numbers (-1 for none), type ids and the special
tokens mask. Where one text is encoded in several ways, the checksum runs on through all of them.

Results: `checksums.bin`, and `checksums.tsv` with the name, the first word and the number of words
of each series.
"""

import json
import os
import struct
import sys
import zlib
from array import array

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
CASES = [(lower, strip) for lower in (True, False) for strip in (None, True, False)]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
MASK = (1 << 64) - 1


def read_lines(path):
    with open(path, "rb") as file:
        data = file.read()
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.decode("utf-8") for line in lines]


def load_vocabulary(path):
    """As transformers does: universal newlines, the last of equal lines counts."""
    with open(path, encoding="utf-8") as file:
        return {line.rstrip("\n"): index for index, line in enumerate(file.readlines())}


def make_tokenizer(vocabulary, lower, strip):
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=strip, lowercase=lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in SPECIAL])
    cls, sep = vocabulary["[CLS]"], vocabulary["[SEP]"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return tokenizer


def checksum(encoding, crc=0):
    words = array("i", encoding.ids)
    offsets = encoding.offsets
    words.extend([start for start, _ in offsets])
    words.extend([end for _, end in offsets])
    words.extend([-1 if word is None else word for word in encoding.word_ids])
    words.extend(encoding.type_ids)
    words.extend(encoding.special_tokens_mask)
    return zlib.crc32(words.tobytes(), crc)


def over_cases(all_tokenizers, texts):
    """One checksum per text, through all tokenizers."""
    sums = [0] * len(texts)
    for tokenizer in all_tokenizers:
        for start in range(0, len(texts), 1000):
            batch = tokenizer.encode_batch(texts[start:start + 1000])
            for index, encoding in enumerate(batch, start):
                sums[index] = checksum(encoding, sums[index])
    return sums


class Random:
    """Knuth's 64-bit linear congruential generator, upper bits; the tests have it too."""

    def __init__(self, seed):
        self.state = seed

    def next(self, count):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 33) % count


MARKS = [0x301, 0x316, 0x302E, 0x334, 0x345, 0x327, 0x93C, 0x1D165, 0x5B0, 0xF71, 0x3099, 0x200D, 0x344]


def random_texts(count, pool):
    random = Random(2024)
    texts = []
    for _ in range(count):
        text = ""
        for _ in range(1 + random.next(30)):
            kind = random.next(10)
            if kind == 0:
                scalar = random.next(0x110000)
                text += "a" if 0xD800 <= scalar < 0xE000 else chr(scalar)
            elif kind == 1:
                text += " "
            elif kind == 2:
                text += "[MASK]"
            elif kind <= 4:
                text += chr(MARKS[random.next(len(MARKS))])
            elif kind <= 6:
                text += chr(0x61 + random.next(26))
            else:
                text += pool[random.next(len(pool))]
        texts.append(text)
    return texts


def all_scalars():
    """For each block of 256 scalars that has any, `a` + scalar + `b` for each, spaces between."""
    return [
        " ".join("a" + chr(c) + "b" for c in range(start, start + 256))
        for start in range(0, 0x110000, 256) if not 0xD800 <= start < 0xE000]


def pair_sums(tokenizer, texts):
    """Each text with the next one, cut in several ways; 0 where the reference refuses."""
    sums = []
    for first, second in zip(texts, texts[1:] + texts[:1]):
        tokenizer.no_truncation()
        crc = checksum(tokenizer.encode(first, second))
        crc = checksum(tokenizer.encode(first, second, add_special_tokens=False), crc)
        for length in (3, 4, 7, 8, 16, 33):
            for strategy in ("longest_first", "only_first", "only_second"):
                tokenizer.enable_truncation(length, strategy=strategy)
                try:
                    crc = checksum(tokenizer.encode(first, second), crc)
                except Exception:
                    crc = zlib.crc32(b"\0\0\0\0", crc)
            tokenizer.enable_truncation(length)
            crc = checksum(tokenizer.encode(first), crc)
            crc = checksum(tokenizer.encode(first, add_special_tokens=False), crc)
        sums.append(crc)
    tokenizer.no_truncation()
    return sums


def decode_sums(tokenizer, texts):
    """The decoded text in UTF-8: special tokens skipped or not, cleaned up or not."""
    sums = []
    plain = decoders.WordPiece(prefix="##", cleanup=False)
    clean = tokenizer.decoder
    for text in texts:
        ids = tokenizer.encode(text).ids
        crc = 0
        for decoder in (clean, plain):
            tokenizer.decoder = decoder
            for skip in (True, False):
                crc = zlib.crc32(tokenizer.decode(ids, skip_special_tokens=skip).encode() + b"\n", crc)
        sums.append(crc)
    tokenizer.decoder = clean
    return sums


def small_vocabulary(vocabulary):
    """A part of a vocabulary that spells most Latin words: letters, marks and short pieces."""
    short = [t for t in vocabulary if len(t.removeprefix("##")) <= 2 and not t.startswith("[un")]
    some = [t for i, t in enumerate(vocabulary) if i % 29 == 0 and not t.startswith("[un")]
    return SPECIAL + [t for t in dict.fromkeys(short[:900] + some) if t not in SPECIAL]


def small_files(tokens):
    """Whole tokenizer.json files with what the published ones do not have."""
    added = make_tokenizer({t: i for i, t in enumerate(tokens)}, True, None)
    added.add_tokens([
        AddedToken("Foo Bar", normalized=True), AddedToken("naïve", normalized=True),
        AddedToken("istanbul", normalized=True, single_word=True),
        AddedToken("東京", normalized=False), AddedToken("<x>", normalized=False, lstrip=True),
        AddedToken("<y>", normalized=False, rstrip=True),
        AddedToken("<z>", normalized=False, lstrip=True, rstrip=True, single_word=True),
        AddedToken("ab", normalized=False, single_word=True), AddedToken("abc", normalized=False),
        AddedToken("Σ", normalized=True), AddedToken("text", normalized=True, lstrip=True),
    ])
    added.add_special_tokens([AddedToken("[NEW]", special=True, normalized=True), "[MASK]!"])
    yield "added", added.to_str()

    sequence = make_tokenizer({t: i * 3 for i, t in enumerate(tokens)}, True, None)
    sequence.normalizer = normalizers.Sequence([
        normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    sequence.post_processor = processors.BertProcessing(("[SEP]", 9), ("[CLS]", 6))
    sequence.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    yield "sequence", sequence.to_str()

    renamed = {("@@" + t[2:] if t.startswith("##") else t): i for i, t in enumerate(tokens)}
    bare = Tokenizer(models.WordPiece(
        renamed, unk_token="[UNK]", continuing_subword_prefix="@@", max_input_chars_per_word=5))
    bare.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    yield "bare", bare.to_str()

    marks = make_tokenizer({t: i for i, t in enumerate(tokens)}, True, None)
    marks.normalizer = normalizers.Sequence([
        normalizers.BertNormalizer(lowercase=False, strip_accents=False), normalizers.NFD()])
    yield "marks", marks.to_str()

    only = make_tokenizer({t: i for i, t in enumerate(tokens)}, True, None)
    only.normalizer = normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    only.post_processor = processors.TemplateProcessing(
        single="$A:3 [SEP]:2 [SEP]:1", pair="$B:1 [SEP]:4 $A:0",
        special_tokens=[("[SEP]", 3)])
    yield "unclean", only.to_str()


def main():
    corpora, vocabularies = sys.argv[1:3]
    series = {}
    bundled = load_vocabulary(os.path.join(ROOT, "weights", "sentiment", "vocab.txt"))
    own = {name: read_lines(os.path.join(HERE, name)) for name in ("blns.txt", "nasty.txt")}
    uncased = [make_tokenizer(bundled, lower, strip) for lower, strip in CASES]
    pool = sorted(set("".join(own["nasty.txt"])))

    for name, texts in own.items():
        series[f"bundled/{name}"] = over_cases(uncased, texts)
        series[f"pairs/{name}"] = pair_sums(uncased[0], texts)
        series[f"decoded/{name}"] = decode_sums(uncased[0], texts)
    series["bundled/random"] = over_cases(uncased, random_texts(20000, pool))
    series["bundled/scalars"] = over_cases(uncased, all_scalars())

    small = small_vocabulary(bundled)
    for name, text in small_files(small):
        with open(os.path.join(HERE, f"{name}.tokenizer.json"), "w", encoding="utf-8") as file:
            file.write(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))
        tokenizer = Tokenizer.from_str(text)
        texts = own["blns.txt"] + own["nasty.txt"] + random_texts(2000, pool)
        series[f"small/{name}"] = over_cases([tokenizer], texts)
        series[f"small-pairs/{name}"] = [
            checksum(tokenizer.encode(a, b)) for a, b in zip(texts, texts[1:] + texts[:1])]
        sums = []
        for text in texts:
            ids = tokenizer.encode(text).ids
            out = tokenizer.decode(ids) + "\n" + tokenizer.decode(ids, skip_special_tokens=False)
            sums.append(zlib.crc32(out.encode()))
        series[f"small-decoded/{name}"] = sums

    files = []
    for folder, _, names in os.walk(corpora):
        files += [os.path.join(folder, name) for name in names if name.endswith(".txt")]
    for vocabulary in sorted(os.listdir(vocabularies)):
        path = os.path.join(vocabularies, vocabulary)
        if vocabulary.endswith(".json"):
            tokenizer = Tokenizer.from_file(path)
            tokenizer.no_truncation()
            tokenizer.no_padding()
            all_tokenizers = [tokenizer]
        else:
            loaded = load_vocabulary(path)
            all_tokenizers = [make_tokenizer(loaded, lower, strip) for lower, strip in CASES]
        for file in sorted(files):
            name = f"{vocabulary}/{os.path.relpath(file, corpora)}"
            series[name] = over_cases(all_tokenizers, read_lines(file))
            print(name, len(series[name]), flush=True)

    start = 0
    with open(os.path.join(HERE, "checksums.bin"), "wb") as binary, open(
            os.path.join(HERE, "checksums.tsv"), "w", encoding="utf-8") as index:
        index.write(f"# tokenizers {tokenizers.__version__}: name, first word, words\n")
        for name, sums in series.items():
            binary.write(struct.pack(f"<{len(sums)}I", *sums))
            index.write(f"{name}\t{start}\t{len(sums)}\n")
            start += len(sums)


if __name__ == "__main__":
    main()
