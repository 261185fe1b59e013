"""Writes encodings.jsonl: bytes in several encodings, and what Python's codecs make of them.

    python make_encodings.py        (written with Python 3.11)

Half of the lines are texts, half random bytes. "valid" is the text before the first byte that the
codec refuses, "error" the offset of that byte, null without one.
"""

import json
import random

CODECS = {"latin1": "latin-1", "cp1252": "cp1252", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
LETTERS = {"latin1": "aZ 9,é×ÿ\u0085\xa0", "cp1252": "aZ 9,é×ÿ€Žž…“”Ÿ"}
WIDE = "aZ 9,é€東京\ufffd\ufffe\ud7ff\ue000😀\U0010ffff"


def data(draw, name):
    count = draw.randint(0, 24)
    if draw.random() < 0.5:
        text = "".join(draw.choice(LETTERS.get(name, WIDE)) for _ in range(count))
        return text.encode(CODECS[name])
    if name not in ("utf-16le", "utf-16be"):
        return bytes(draw.randint(0, 255) for _ in range(count))
    units = [draw.choice([draw.randint(0, 0xFFFF), draw.randint(0xD800, 0xDFFF)]) for _ in range(count)]
    order = "little" if name == "utf-16le" else "big"
    whole = b"".join(unit.to_bytes(2, order) for unit in units)
    return whole + bytes([0x41]) * draw.randint(0, 1)


def main():
    draw = random.Random(5)
    with open("encodings.jsonl", "w") as file:
        for name in CODECS:
            for _ in range(40):
                bytes_ = data(draw, name)
                error = None
                try:
                    text = bytes_.decode(CODECS[name])
                except UnicodeDecodeError as problem:
                    error = problem.start
                    text = bytes_[:error].decode(CODECS[name])
                line = {"encoding": name, "bytes": list(bytes_), "valid": text, "error": error}
                file.write(json.dumps(line, separators=(",", ":")) + "\n")


main()
