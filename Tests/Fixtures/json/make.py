"""Writes python.jsonl: documents beside what Python's json module reads in them.

    python make.py        (written with Python 3.11; any Python 3 gives the same)

Each line has a document and its value in one form: numbers as the bits of a double, members by the
bytes of their keys, half a surrogate pair as U+FFFD; null where Python refuses the document.
"""

import json
import random
import struct

BY_HAND = [
    '{"a": NaN}', '[Infinity, -Infinity, NaN]', '[-NaN]', '[+Infinity]', '[nan]', '[Inf]', '[-Inf]',
    'NaN', '[NaNNaN]', '{"a": 1, "a": 2}', '{"a": 1, "b": 2, "\\u0061": null}',
    '{"a": {"b": 1, "b": {"c": 1}, "b": [2]}, "a": {"b": 3, "b": 4}}', '{"": 1, "": 2}',
    '{"a": 1, "a": }', '{"a": x, "a": 1}', '[1e999, -1e999, 1e-999]', '[1' + '0' * 400 + ']',
    '["\\ud83d"]', '["\\ude00"]', '["\\ud83d\\ude00"]', '["\\ude00\\ud83d"]', '["\\ud83d\\ud83d\\ude00"]',
    '["\\ud83dx"]', '["\\ud83d\\n"]', '["\\ud83d\\u0041"]', '["\\ud83d\\u00"]', '["\\ud83d\\"]',
    '["\\ud83d', '["\\uDBFF\\uDFFF"]', '["\\ud83d\\ud83d"]',
]


def value(random, depth):
    kind = random.randrange(8 if depth < 4 else 6)
    if kind == 0:
        return random.choice(["null", "true", "false"])
    if kind == 1:
        return random.choice(["NaN", "Infinity", "-Infinity", "1e999", "-0.0", "12", "-7.5e3"])
    if kind < 6:
        return string(random)
    if kind == 6:
        return "[" + ", ".join(value(random, depth + 1) for _ in range(random.randrange(4))) + "]"
    members = (f"{key(random)}: {value(random, depth + 1)}" for _ in range(random.randrange(6)))
    return "{" + ", ".join(members) + "}"


def key(random):
    return random.choice(['"a"', '"b"', '"\\u0061"', '"é"', '"\\u00e9"', '""'])


def string(random):
    parts = ["x", "é", "\\n", "\\ud83d", "\\ude00", "\\u0041", "😀", "\\\\", '\\"']
    return '"' + "".join(random.choices(parts, k=random.randrange(5))) + '"'


def form(value):
    if isinstance(value, dict):
        members = sorted((text(key).encode(), key) for key in value)
        return "{" + ",".join(quoted(text(k)) + ":" + form(value[k]) for _, k in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(form, value)) + "]"
    if isinstance(value, str):
        return quoted(text(value))
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number != number:
        return "nan"
    return struct.pack(">d", number).hex()


def text(value):
    """With every half of a surrogate pair replaced; Python joins the halves of a pair itself."""
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in value)


def quoted(text):
    return '"' + text.encode().hex() + '"'


def main():
    generator = random.Random(17)
    documents = BY_HAND + [value(generator, 0) for _ in range(400)]
    with open("python.jsonl", "w", encoding="utf-8") as file:
        for document in dict.fromkeys(documents):
            try:
                found = form(json.loads(document))
            except json.JSONDecodeError:
                found = None
            file.write(json.dumps({"document": document, "value": found}) + "\n")


main()
