"""Writes UnicodeTables.swift and NormalizationTables.swift: the properties of Unicode scalars.

It reads no Unicode data files. The parts of the reference are built against several Unicode versions
(categories, normalisation, case and regular expressions have one each), so the script determines every
property by probing the reference with all 1,112,064 scalars. The header of the output names the version
of the reference.

    python3 make_tables.py          # needs: pip install tokenizers
"""

import os
import unicodedata

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
FLAGS = [
    "dropped", "whitespace", "nonspacingMark", "combiningMark", "punctuation", "word",
    "lowercases", "decomposes", "nonstarter",
]
BLOCK = 128
HANGUL = range(0xAC00, 0xAC00 + 11172)


def probe():
    """Returns each scalar's flags, lower case and canonical decomposition."""
    clean = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    strip = normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    strip_marks = normalizers.StripAccents()
    nfd, lower = normalizers.NFD(), normalizers.Lowercase()
    split = pre_tokenizers.BertPreTokenizer()
    words = Tokenizer(models.WordPiece({"[UNK]": 0, "x": 1}, unk_token="[UNK]"))
    words.add_tokens([AddedToken("x", single_word=True, normalized=False)])
    spaces = Tokenizer(models.WordPiece({"[UNK]": 0, "x": 1}, unk_token="[UNK]"))
    spaces.add_tokens([AddedToken("x", rstrip=True, normalized=False)])

    flags, lowered, decomposed = {}, {}, {}
    for c in SCALARS:
        s = chr(c)
        bits = set()
        pieces = len(split.pre_tokenize_str("a" + s + "b"))
        cleaned = clean.normalize_str(s)
        if cleaned == "":
            bits.add("dropped")
        if pieces == 2:
            bits.add("whitespace")
            assert cleaned in ("", " "), hex(c)
        else:
            assert cleaned in ("", s), hex(c)
        if pieces == 3:
            bits.add("punctuation")
        d = nfd.normalize_str(s)
        if d != s:
            bits.add("decomposes")
            decomposed[c] = [ord(x) for x in d]
        elif strip.normalize_str(s) == "":
            bits.add("nonspacingMark")
        if strip_marks.normalize_str(s) == "":
            bits.add("combiningMark")
        l = lower.normalize_str(s)
        if l != s:
            bits.add("lowercases")
            lowered[c] = [ord(x) for x in l]
        if words.encode("x" + s, add_special_tokens=False).ids[0] == 0 or (
            words.encode("x" + s, add_special_tokens=False).offsets[0] != (0, 1)):
            bits.add("word")
        trailing = spaces.encode("x" + s, add_special_tokens=False).offsets[0] == (0, 2)
        assert trailing == ("whitespace" in bits), hex(c)
        flags[c] = bits
    return flags, lowered, decomposed


def combining_classes(decomposed):
    """Returns the canonical combining class of every scalar, from the order of pairs after NFD."""
    nfd = normalizers.NFD()
    samples = {}
    for c in SCALARS:
        k = unicodedata.combining(chr(c))
        if not k or k in samples or c in decomposed:
            continue
        pair = "\u0345" + chr(c)  # U+0345 has the highest class; the reference may not know c
        if k == 240 or nfd.normalize_str("a" + pair) == "a" + pair[::-1]:
            samples[k] = chr(c)
    order = sorted(samples)
    for low, high in zip(order, order[1:]):  # the reference must know each sample
        pair = samples[high] + samples[low]
        assert nfd.normalize_str("a" + pair) == "a" + pair[::-1], (low, high)
    highest = samples[order[-1]]

    classes = {}
    for c in SCALARS:
        s = chr(c)
        if c in decomposed:
            continue
        if s != highest and nfd.normalize_str("a" + highest + s) == "a" + highest + s and (
            nfd.normalize_str("a" + s + samples[order[0]]) == "a" + s + samples[order[0]]):
            continue  # a starter: moves neither before the highest class nor after the lowest
        # The class is the first whose sample NFD does not move before it.
        classes[c] = next(
            k for k in order if nfd.normalize_str("a" + s + samples[k]) == "a" + s + samples[k])
        k = classes[c]
        assert nfd.normalize_str("a" + samples[k] + s) == "a" + samples[k] + s, hex(c)
    return classes


def digits(value, count):
    """Writes a number as base-64 digits from '0' to 'o', the lowest first."""
    assert 0 <= value < 64 ** count, (value, count)
    return "".join(chr(0x30 + (value >> 6 * i & 63)) for i in range(count))


def trie(values, default, count):
    """Builds a two-stage table: block numbers (two digits each), then blocks of BLOCK values."""
    blocks, numbers, index = [], {}, []
    for start in range(0, 0x110000, BLOCK):
        block = tuple(values.get(c, default) for c in range(start, start + BLOCK))
        if block not in numbers:
            numbers[block] = len(blocks)
            blocks.append(block)
        index.append(numbers[block])
    while len(index) > 1 and index[-1] == index[-2]:
        index.pop()  # the last block number applies to all that follow
    first = "".join(digits(i, 2) for i in index)
    second = "".join(digits(v, count) for block in blocks for v in block)
    return first, second, len(index)


def literal(name, text, doc):
    lines = [text[i:i + 92] for i in range(0, len(text), 92)]
    body = "\\#\n".join("    " + line for line in lines)
    return f'  /// {doc}\n  static let {name}: StaticString = #"""\n{body}\n    """#\n'


def numbers(name, kind, values, doc):
    lines, line = [], "   "
    for v in values:
        if len(line) + len(f" {v},") > 98:
            lines.append(line)
            line = "   "
        line += f" {v},"
    lines.append(line)
    return f"  /// {doc}\n  static let {name}: [{kind}] = [\n" + "\n".join(lines) + "\n  ]\n"


def main():
    flags, lowered, decomposed = probe()
    classes = combining_classes(decomposed)
    for c in SCALARS:
        first = decomposed[c][0] if c in decomposed else c
        if first in classes:
            flags[c].add("nonstarter")
            assert all(d in classes for d in decomposed.get(c, [])), hex(c)
    for c in HANGUL:  # done by arithmetic
        s = c - 0xAC00
        parts = [0x1100 + s // 588, 0x1161 + s % 588 // 28] + ([0x11A7 + s % 28] if s % 28 else [])
        assert decomposed.pop(c) == parts, hex(c)
    assert [c for c in lowered if len(lowered[c]) > 1] == [0x130] and lowered.pop(0x130) == [
        0x69, 0x307], "only U+0130 lower-cases to two scalars"
    for c, parts in decomposed.items():
        assert all(d not in decomposed and d not in HANGUL for d in parts), hex(c)

    packed = {c: sum(1 << FLAGS.index(f) for f in flags[c]) for c in SCALARS}
    kinds = sorted(set(packed.values()) | {0})
    deltas = [0] + sorted({lowered[c][0] - c for c in lowered})
    ccc = [0] + sorted(set(classes.values()))
    pool, starts = [], {}
    for c in sorted(decomposed):
        parts = tuple(decomposed[c])
        if parts not in starts:
            starts[parts] = len(pool)
            pool.extend(parts)
    nfd = {c: starts[tuple(p)] << 2 | len(p) - 1 for c, p in decomposed.items()}

    out = []
    for name, values, count, doc in [
        ("properties", {c: kinds.index(packed[c]) for c in SCALARS}, 1, "an index into `flags`"),
        ("lower", {c: deltas.index(lowered[c][0] - c) for c in lowered}, 2, "an index into `deltas`"),
        ("classes", {c: ccc.index(k) for c, k in classes.items()}, 1, "an index into `combining`"),
        ("decompositions", nfd, 3, "a start in `pool` times four, plus the length less one"),
    ]:
        default = 0 if name != "properties" else kinds.index(0)
        first, second, blocks = trie(values, default, count)
        out.append(f"  static let {name}Blocks = {blocks}\n")
        out.append(literal(name + "Index", first, "Block numbers, two digits each."))
        out.append(literal(name + "Values", second, f"{count} digit(s) each: {doc}."))
    out.append(numbers("flags", "UInt16", kinds, "The combinations of flags that occur."))
    out.append(numbers("deltas", "Int32", deltas, "What lower-casing adds to a scalar."))
    out.append(numbers("combining", "UInt8", ccc, "The combining classes that occur."))
    out.append(literal("pool", "".join(digits(c, 4) for c in pool),
                       "Scalars of the decompositions, four digits each."))
    write("UnicodeTables.swift", "UnicodeTables",
          "/// Two-stage tables over all Unicode scalars, as text that is looked into where it lies: every\n"
          '/// character is one base-64 digit from "0" to "o", the lowest digit first.',
          f"  static let blockSize = {BLOCK}\n" + "\n".join(out))
    print(len(kinds), "kinds,", len(deltas), "deltas,", len(ccc), "classes,", len(pool), "in pool")
    print({f: sum(f in flags[c] for c in SCALARS) for f in FLAGS})


def compatibility():
    """Writes NormalizationTables.swift: compatibility decompositions and compositions."""
    nfd, nfc = normalizers.NFD(), normalizers.NFC()
    nfkd = normalizers.NFKD()
    entries, pool, starts, pairs = {}, [], {}, []
    for c in SCALARS:
        if c in HANGUL:  # done by arithmetic
            continue
        s = chr(c)
        canonical, compatible = nfd.normalize_str(s), nfkd.normalize_str(s)
        if compatible != canonical:
            if compatible not in starts:
                starts[compatible] = len(pool)
                pool.extend(map(ord, compatible))
            # No scalar has more than 18, so five bits hold the length.
            entries[c] = starts[compatible] << 5 | len(compatible)
        if len(canonical) > 1 and nfc.normalize_str(s) == s:
            first = nfc.normalize_str(canonical[:-1])
            assert len(first) == 1 and nfc.normalize_str(first + canonical[-1]) == s, hex(c)
            pairs.append((ord(first), ord(canonical[-1]), c))
    pairs.sort()
    first, second, blocks = trie(entries, 0, 4)
    out = [
        f"  static let compatibilityBlocks = {blocks}\n",
        literal("compatibilityIndex", first, "Block numbers, two digits each."),
        literal("compatibilityValues", second,
                "4 digits each: a start in `parts` times 32, plus the length; 0 where there is none."),
        literal("parts", "".join(digits(c, 4) for c in pool),
                "Scalars of the decompositions, four digits each."),
        f"  static let pairCount = {len(pairs)}\n",
        literal("pairs", "".join(digits(x, 4) for pair in pairs for x in pair),
                "Two scalars and what they compose to, in ascending order, four digits each."),
    ]
    write("NormalizationTables.swift", "NormalizationTables",
          "/// What compatibility decomposition and canonical composition add to ``UnicodeTables``.",
          "".join("\n" + text if i else text for i, text in enumerate(out)))
    print(len(entries), "compatible,", len(pool), "in parts,", len(pairs), "pairs")


def write(file_name, type_name, doc, body):
    header = f"""// Written by make_tables.py from tokenizers {tokenizers.__version__}; do not edit.
// swift-format-ignore-file

{doc}
enum {type_name} {{
"""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), file_name)
    with open(path, "w", encoding="ascii") as file:
        file.write(header + body + "}\n")


if __name__ == "__main__":
    main()
    compatibility()
