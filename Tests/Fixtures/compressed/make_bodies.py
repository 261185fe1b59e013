#!/usr/bin/env python3
"""Bodies compressed by Python's zlib and gzip, and what is in them, for the tests of the server.

Made with Python 3.11.7 and zlib 1.2.13. Writes bodies.json here: `texts` by their names, and `bodies`
with `name`, `coding`, `compressed` (base64) and `text`, the name of what is in them.
"""

import base64
import gzip
import json
import random
import struct
import zlib
from pathlib import Path

random.seed(17)
WORDS = [line.strip() for line in "a film of rare warmth dreadful and far too long é 😀".split()]
long_text = json.dumps({"inputs": [[" ".join(random.choices(WORDS, k=40))] for _ in range(20)]})
noise = "".join(chr(random.randrange(0x20, 0x7F)) for _ in range(3000))
texts = {"empty": "", "one": "a", "json": '{"inputs":"A film of rare warmth."}', "long": long_text,
         "noise": noise, "zeros": "0" * 40000}  # fmt: skip

bodies = []


def add(name, coding, compressed, text):
    data = base64.b64encode(compressed).decode()
    bodies.append({"name": name, "coding": coding, "compressed": data, "text": text})


def deflated(text, level, strategy, window):
    maker = zlib.compressobj(level, zlib.DEFLATED, window, 8, strategy)
    return maker.compress(text.encode()) + maker.flush()


kinds = {"stored": (0, 0), "fast": (1, 0), "best": (9, 0), "huffman": (9, zlib.Z_HUFFMAN_ONLY),
         "fixed": (9, zlib.Z_FIXED), "runs": (9, zlib.Z_RLE)}  # fmt: skip
for name, text in texts.items():
    for kind, (level, strategy) in kinds.items():
        if name == "zeros" and kind in ("stored", "huffman"):
            continue
        add(f"{name} {kind} gzip", "gzip", deflated(text, level, strategy, 31), name)
        add(f"{name} {kind} zlib", "deflate", deflated(text, level, strategy, 15), name)
        add(f"{name} {kind} raw", "deflate", deflated(text, level, strategy, -15), name)

# A header with every field, and two members one after another.
text = texts["json"]
plain = gzip.compress(text.encode(), mtime=0)
extra = b"\x02\x00ab"
header = b"\x1f\x8b\x08" + bytes([2 | 4 | 8 | 16]) + plain[4:10] + extra + b"name\0" + b"comment\0"
header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
add("all fields gzip", "gzip", header + plain[10:], "json")
texts["twice"] = text + " "
add("two members gzip", "gzip", plain + gzip.compress(b" ", mtime=0), "twice")
small = zlib.compressobj(9, zlib.DEFLATED, 9)
add("small window zlib", "deflate", small.compress(long_text.encode()) + small.flush(), "long")

Path(__file__).with_name("bodies.json").write_text(json.dumps({"texts": texts, "bodies": bodies}, indent=0) + "\n")
